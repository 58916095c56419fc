/** The session that accepts a video ends in the middle of it: nothing of it may stay, and the same request may be made again. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  type CallerContext,
  createFile,
  createVideo,
  createWebhookEndpoint,
  rotateTeamWebhookSecret,
  setQuota,
  setVelocityBreaker,
  updateTeam,
} from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

/** Every table that the accepting of such a video writes to; a test below finds out whether they are all. */
const WRITTEN = [
  'events',
  'file_uses',
  'idempotency_keys',
  'key_minutes',
  'quota_buckets',
  'quota_ledger',
  'quota_reservations',
  'upstream_submissions',
  'video_webhooks',
  'videos',
  'webhook_deliveries',
  'webhook_endpoints',
] as const;
const MOMENTS = ['before', 'after', 'commit'] as const;
/** Of the advisory locks at which the halts wait. */
const HALTS = 5_303;

let walk: Walk;
let client: pg.Pool;
beforeAll(async () => {
  walk = await startWalk();
  client = walk.database.db.$client;
  await client.query(`
    create schema halts;
    create table halts.reached (table_name text primary key);
    create function halts.halt() returns trigger language plpgsql as $$
    begin
      -- At the commit there is no statement any more.
      if tg_argv[0] = 'commit' or current_query() like '%accept_video(%' then
        if tg_argv[0] <> 'commit' then
          insert into halts.reached values (tg_table_name) on conflict do nothing;
        end if;
        perform pg_advisory_xact_lock_shared(${HALTS}, hashtext(tg_argv[0] || ' ' || tg_table_name));
      end if;
      return case tg_op when 'DELETE' then old else new end;
    end$$;`);
  for (const table of await tables()) {
    await client.query(`
      create trigger aa_halt before insert or update or delete on ${table} for each row execute function halts.halt('before');
      create trigger zz_halt after insert or update or delete on ${table} for each row execute function halts.halt('after');
      create constraint trigger zz_halt_commit after insert or update or delete on ${table}
        deferrable initially deferred for each row execute function halts.halt('commit');`);
  }
});
afterAll(() => walk.close());

async function tables(): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** Every row of every table, as text. */
async function everything(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of await tables()) {
    const { rows } = await client.query<{ row: string }>(`select t::text as row from ${table} t order by 1`);
    found[table] = rows.map(({ row }) => row);
  }
  return found;
}

/** A team whose first video passes through all that accepting one can do: limits, an alert that is told, a file, a webhook of its own. */
async function newCaller(): Promise<{ caller: CallerContext; request: Parameters<typeof createVideo>[1] }> {
  const { ctx, database } = walk;
  const principal = await seedTeam(database.db);
  const { teamId, keyId } = principal;
  const caller = { ...ctx, principal };
  await setQuota(database, {
    scopeKind: 'team',
    scopeId: teamId,
    metric: 'cost',
    window: 'month',
    hard: 1_000_000n,
    thresholds: [10],
  });
  await setVelocityBreaker(
    database,
    { scopeKind: 'key', scopeId: keyId },
    { videosPerMinute: 100, microUsdPerMinute: null, timesNormal: null },
  );
  await updateTeam(database, teamId, { webhookHosts: ['127.0.0.1'] });
  await rotateTeamWebhookSecret({ ...ctx, scope: 'all' }, teamId, { keepOld: false });
  await createWebhookEndpoint(
    { ...ctx, webhooks: ctx.ports.webhooks },
    { teamId, url: 'http://127.0.0.1:9/alerts', eventTypes: ['quota.threshold_reached'] },
  );
  const content = Buffer.from('a picture');
  const { id: fileId } = await createFile(
    caller,
    {
      purpose: 'vision',
      fileName: 'frame.png',
      contentType: 'image/png',
      bytes: content.length,
      sha256: 'f'.repeat(64),
      expiresAfterSeconds: null,
      open: () => Readable.from([content]),
    },
    { maxTeamBytes: 10_000 },
  );
  const asking = { model: 'sora-2', prompt: 'a kite over the sea', seconds: 4, size: '720x1280', params: {} };
  return { caller, request: { ...asking, fileId, webhookUrl: 'http://127.0.0.1:9/video' } };
}

const creates = async () => (await walk.simulator.truth()).totals.creates;

test('these are all the tables that accepting a video writes to', async () => {
  const { caller, request } = await newCaller();
  await createVideo(caller, request, { idempotencyKey: randomUUID(), retryCount: 0 });
  const { rows } = await client.query<{ table_name: string }>('select * from halts.reached order by 1');
  expect(rows.map((row) => row.table_name)).toEqual(WRITTEN);
});

describe.each(WRITTEN)('a session that ends at its write to %s', (table) => {
  test.each(MOMENTS)('%s: leaves nothing, and the same request is made once', async (moment) => {
    const { caller, request } = await newCaller();
    const identity = { idempotencyKey: randomUUID(), retryCount: 0 };
    const [untouched, createsBefore] = [await everything(), await creates()];
    const halt = [HALTS, `${moment} ${table}`];
    const holder = await client.connect();
    try {
      await holder.query('select pg_advisory_lock($1::int, hashtext($2))', halt);
      const refused = expect(createVideo(caller, request, identity)).rejects.toMatchObject({
        cause: { code: '57P01' },
      });
      await vi.waitFor(
        async () => {
          const { rows } = await client.query(
            `select pg_terminate_backend(pid) as ended from pg_stat_activity
              where datname = current_database() and wait_event = 'advisory' and query like '%accept_video(%'`,
          );
          expect(rows).toEqual([{ ended: true }]);
        },
        { timeout: 10_000, interval: 10 },
      );
      await refused;
    } finally {
      await holder.query('select pg_advisory_unlock($1::int, hashtext($2))', halt);
      holder.release();
    }
    expect(await everything()).toEqual(untouched);
    expect(await creates()).toBe(createsBefore);

    const { video, replayed } = await createVideo(caller, request, identity);
    expect(replayed).toBe(false);
    expect(await createVideo(caller, request, identity)).toMatchObject({
      replayed: true,
      video: { id: video.id },
    });
    expect(await creates()).toBe(createsBefore + 1);
  });
});
