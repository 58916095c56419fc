import { finishReservations, type Principal, setQuota } from '@reelgate/core';
import { transaction } from '@reelgate/db';
import { createTestDatabase, seedModels, seedTeam, type TestDatabase } from '@reelgate/testkit';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { accept, videoRow } from './reserve.ts';

const AMOUNTS = { cost: 40, seconds: 4 };
let database: TestDatabase;
let pool: pg.Pool;
let principal: Principal;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = database.db.$client;
  await seedModels(database.db);
});
beforeEach(async () => {
  principal = await seedTeam(database.db);
});
afterAll(() => database.close());

const setCost = (hard: bigint) =>
  setQuota(database, { scopeKind: 'team', scopeId: principal.teamId, metric: 'cost', window: 'month', hard });

async function hardLimits() {
  const { rows } = await pool.query<{ limit: string; bucket: string }>(
    `select l.hard as limit, b.hard_limit as bucket from quota_limits l join quota_buckets b on b.limit_id = l.id
      where l.scope_id = $1`,
    [principal.teamId],
  );
  return rows;
}

/** Resolves when it is done, or waits for a lock of somebody else: it has got as far as it can. */
async function doneOrWaiting(work: Promise<unknown>): Promise<void> {
  let done = false;
  const end = () => {
    done = true;
  };
  void work.then(end, end);
  await vi.waitFor(async () => {
    if (done) return;
    const { rows } = await pool.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    expect(rows).not.toEqual([]);
  }, 10_000);
}

describe('a limit that changes while the first video of its period is accepted', () => {
  test('binds it, when the change comes second', async () => {
    await setCost(1_000n);
    const client = await pool.connect();
    try {
      await client.query('begin');
      expect(await accept(client, videoRow(principal, AMOUNTS))).toBe(null);
      const change = setCost(50n);
      await doneOrWaiting(change);
      await client.query('commit');
      await change;
    } finally {
      client.release();
    }
    expect(await hardLimits()).toEqual([{ limit: '50', bucket: '50' }]);
    expect(await accept(pool, videoRow(principal, AMOUNTS))).toBe('insufficient_quota');
  });

  test('binds it, when the change comes first', async () => {
    await setCost(1_000n);
    let accepting: Promise<string | null> | undefined;
    await transaction(database.db, async () => {
      await setCost(50n);
      accepting = accept(pool, videoRow(principal, AMOUNTS));
      await doneOrWaiting(accepting);
    });
    expect(await accepting).toBe(null);
    expect(await hardLimits()).toEqual([{ limit: '50', bucket: '50' }]);
    expect(await accept(pool, videoRow(principal, AMOUNTS))).toBe('insufficient_quota');
  });
});

test('a video refused at the moment in which another gives its share back is accepted or refused, nothing else', async () => {
  await setCost(50n);
  const first = videoRow(principal, AMOUNTS);
  await accept(pool, first);
  // Holds the second one where it has found no room and has not yet said so.
  await pool.query(`
    create function pause_here() returns trigger language plpgsql as $$
    begin
      if current_setting('reelgate.pause', true) = 'on' then perform pg_advisory_xact_lock_shared(1); end if;
      return null;
    end$$;
    create trigger pause_here after update on quota_buckets for each statement execute function pause_here()`);
  const gate = await pool.connect();
  const client = await pool.connect();
  try {
    await gate.query('select pg_advisory_lock(1)');
    await client.query(`set reelgate.pause = 'on'`);
    const second = accept(client, videoRow(principal, AMOUNTS));
    await doneOrWaiting(second);
    await finishReservations(database.db, first.id, null);
    await gate.query('select pg_advisory_unlock(1)');
    expect(await second).toBe(null);
  } finally {
    client.release(true);
    gate.release(true);
    await pool.query('drop function pause_here cascade');
  }
});
