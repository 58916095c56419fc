import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  type CallerContext,
  checkLedger,
  createVideo,
  describeMismatch,
  getLedgerCheck,
  getOverview,
  keepUp,
  measureVideos,
  type Principal,
  recheckLedger,
  setQuota,
} from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emptyBooks } from './empty-books.ts';

const program = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));
let walk: Walk;
let principal: Principal;
let caller: CallerContext;

beforeAll(async () => {
  walk = await startWalk({ upstream: { chargesOnFailure: true } });
});
afterAll(() => walk.close());
beforeEach(async () => {
  await walk.simulator.control('POST', 'reset');
  await emptyBooks(walk.database.db.$client);
  principal = await seedTeam(walk.database.db);
  caller = { ...walk.ctx, principal };
  const team = { scopeKind: 'team', scopeId: principal.teamId, hard: 100_000_000n } as const;
  await setQuota(walk.database, { ...team, metric: 'cost', window: 'month' });
  await setQuota(walk.database, { ...team, metric: 'concurrent', window: 'none' });
});

async function create(prompt: string): Promise<string> {
  const request = { model: 'sora-2', prompt, seconds: 4, size: '720x1280', params: {} };
  return (await createVideo(caller, request)).video.id;
}

/** One video stored, one failed and charged all the same, one under way. */
async function threeVideos(): Promise<{ stored: string; failed: string; open: string }> {
  const stored = await create('a kite');
  const failed = await create('a storm [[sim fail=processing_error]]');
  expect((await walk.drive(stored)).state).toBe('stored');
  expect((await walk.drive(failed)).state).toBe('failed');
  return { stored, failed, open: await create('a harbour') };
}

const lines = async () => (await checkLedger(walk.database)).mismatches.map(describeMismatch);

/** What nobody can do in production: changes rows of record. */
async function tamper(statement: string, ...values: unknown[]): Promise<void> {
  const client = await walk.database.db.$client.connect();
  try {
    await client.query('begin');
    await client.query('alter table quota_ledger disable trigger quota_ledger_append_only');
    expect((await client.query(statement, values)).rowCount).toBe(1);
    await client.query('alter table quota_ledger enable trigger quota_ledger_append_only');
    await client.query('commit');
  } finally {
    client.release();
  }
}

const COST_BUCKET = `(select b.id from quota_buckets b join quota_limits l on l.id = b.limit_id where l.metric = 'cost')`;

test('the books agree where nothing has happened, and after videos that were stored, charged for nothing and under way', async () => {
  expect(await checkLedger(walk.database)).toEqual({ buckets: 2, mismatches: [] });
  await threeVideos();
  expect(await lines()).toEqual([]);
  expect((await checkLedger(walk.database)).buckets).toBe(2);
});

test('what a failed video costs all the same is its cost', async () => {
  const { failed } = await threeVideos();
  const { rows } = await walk.database.db.$client.query('select final_micro::int from videos where id = $1', [
    failed,
  ]);
  expect(rows).toEqual([{ final_micro: 400_000 }]);
});

test('a video from before its first limit is counted by it', async () => {
  await emptyBooks(walk.database.db.$client);
  const id = await create('before');
  expect((await walk.drive(id)).state).toBe('stored');
  await setQuota(walk.database, {
    scopeKind: 'org',
    scopeId: 'org',
    metric: 'cost',
    window: 'month',
    hard: null,
  });
  await create('after');
  expect(await lines()).toEqual([]);
});

describe('the check finds', () => {
  test('a bucket that was changed', async () => {
    await threeVideos();
    await tamper(`update quota_buckets set settled = settled - 1 where id = ${COST_BUCKET}`);
    expect(await lines()).toEqual(
      ['ledger has', 'reservations have', 'videos have'].map((source) =>
        expect.stringMatching(
          new RegExp(
            `^team ${principal.teamId}, cost, month from \\d{4}-\\d\\d-01T00:00:00.000Z: the bucket has 799999 micro-USD settled, the ${source} 800000.$`,
          ),
        ),
      ),
    );
  });

  test('a reservation that was changed', async () => {
    const { open } = await threeVideos();
    await tamper(
      `update quota_reservations set state = 'released', settled_amount = 0 where video_id = $1 and bucket_id = ${COST_BUCKET}`,
      open,
    );
    expect(await lines()).toEqual([
      expect.stringContaining(': the bucket has 400000 micro-USD reserved, the reservations have 0.'),
      expect.stringContaining(`, ${open}: the reservation has 0 micro-USD reserved, the ledger has 400000.`),
    ]);
  });

  test('a row of the ledger that was changed', async () => {
    const { stored } = await threeVideos();
    await tamper(
      `update quota_ledger set d_settled = 7 where video_id = $1 and kind = 'settle' and bucket_id = ${COST_BUCKET}`,
      stored,
    );
    expect(await lines()).toEqual([
      expect.stringContaining(': the bucket has 800000 micro-USD settled, the ledger has 400007.'),
      expect.stringContaining(`, ${stored}: the reservation has 400000 micro-USD settled, the ledger has 7.`),
    ]);
  });

  test('a row of the ledger that was removed', async () => {
    const { open } = await threeVideos();
    await tamper(`delete from quota_ledger where video_id = $1 and bucket_id = ${COST_BUCKET}`, open);
    expect(await lines()).toHaveLength(2);
  });

  test('changes that cancel each other out', async () => {
    const { stored, failed } = await threeVideos();
    for (const [video, change] of [
      [stored, -5],
      [failed, 5],
    ]) {
      await tamper(
        `update quota_reservations set settled_amount = settled_amount + $2 where video_id = $1 and bucket_id = ${COST_BUCKET}`,
        video,
        change,
      );
    }
    expect(await lines()).toHaveLength(4);
  });

  test('a cost that is not the one that was settled', async () => {
    const { stored } = await threeVideos();
    await tamper('update videos set final_micro = 1 where id = $1', stored);
    expect(await lines()).toEqual([
      expect.stringContaining(': the bucket has 800000 micro-USD settled, the videos have 400001.'),
      expect.stringContaining(`, ${stored}: the reservation has 400000 micro-USD settled, the video has 1.`),
    ]);
  });

  test('a video that a limit should have counted and no longer knows of', async () => {
    await threeVideos();
    const id = await create('forgotten');
    expect((await walk.drive(id)).state).toBe('stored');
    await tamper(`delete from quota_reservations where video_id = $1 and bucket_id = ${COST_BUCKET}`, id);
    await tamper(
      `delete from quota_ledger where video_id = $1 and kind = 'reserve' and bucket_id = ${COST_BUCKET}`,
      id,
    );
    await tamper(`delete from quota_ledger where video_id = $1 and bucket_id = ${COST_BUCKET}`, id);
    await tamper(`update quota_buckets set settled = settled - 400000 where id = ${COST_BUCKET}`);
    expect(await lines()).toEqual([
      expect.stringContaining(': the bucket has 800000 micro-USD settled, the videos have 1200000.'),
    ]);
  });
});

describe('the check that is kept', () => {
  const logged: string[] = [];
  const ctx = () => ({
    ...walk.ctx,
    log: { ...walk.ctx.log, error: (event: string) => void logged.push(event) },
  });
  const turn = () => walk.database.db.$client.query("delete from upkeep_turns where name = 'check-ledger'");

  test('tells since when the books differ, until they agree again as the documentation says', async () => {
    await walk.database.db.$client.query('delete from ledger_checks');
    logged.length = 0;
    expect(await getLedgerCheck(walk.database)).toBeNull();
    await threeVideos();
    await turn();
    await keepUp(ctx(), 'check-ledger');
    const good = await getLedgerCheck(walk.database);
    expect(good).toMatchObject({ balances: 2, mismatches: 0, lines: [], differsSince: null });
    // It is nobody's turn again within the hour.
    await keepUp(ctx(), 'check-ledger');
    expect(await getLedgerCheck(walk.database)).toEqual(good);
    expect(logged).toEqual([]);

    await tamper(`update quota_buckets set settled = settled - 5 where id = ${COST_BUCKET}`);
    const bad = await recheckLedger(ctx());
    expect(bad).toMatchObject({ mismatches: 3, differsSince: bad.checkedAt });
    expect(bad.lines[0]).toContain('the bucket has 799995 micro-USD settled');
    expect((await recheckLedger(ctx())).differsSince).toEqual(bad.checkedAt);
    expect(logged).toEqual(['ledger.mismatch', 'ledger.mismatch']);
    const figures = await measureVideos(walk.ctx);
    expect(figures).toContainEqual({ name: 'ledger_mismatches', label: '', value: 3 });
    const { attention } = await getOverview({ db: walk.database.db, scope: 'all' });
    expect(attention).toContainEqual(
      expect.objectContaining({
        kind: 'ledger_mismatch',
        severity: 'critical',
        label: expect.stringMatching(/^The books differ: team .* And 2 more\.$/),
        since: bad.checkedAt,
        count: 3,
      }),
    );
    const seenByTeam = await getOverview({ db: walk.database.db, scope: [principal.teamId] });
    expect(seenByTeam.attention.map(({ kind }) => kind)).not.toContain('ledger_mismatch');

    const page = await readFile(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
    const repair = /## The books differ[\s\S]*?```sql\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    await walk.database.db.$client.query(repair);
    expect(await recheckLedger(ctx())).toMatchObject({ mismatches: 0, differsSince: null });
    const after = await getOverview({ db: walk.database.db, scope: 'all' });
    expect(after.attention.map(({ kind }) => kind)).not.toContain('ledger_mismatch');
  });

  test('comes less often where it takes long', async () => {
    const { $client } = walk.database.db;
    await $client.query('delete from ledger_checks');
    await $client.query(
      'insert into ledger_checks (took_ms, balances, mismatches, lines) values (60000, 0, 0, $1)',
      [[]],
    );
    const before = await getLedgerCheck(walk.database);
    await turn();
    await keepUp(walk.ctx, 'check-ledger');
    expect(await getLedgerCheck(walk.database)).toEqual(before);
    await $client.query("update ledger_checks set checked_at = checked_at - interval '100 minutes'");
    await turn();
    await keepUp(walk.ctx, 'check-ledger');
    expect((await getLedgerCheck(walk.database))?.balances).toBeGreaterThan(0);
  });
});

describe('reelgate ledger check', () => {
  const check = async (...options: string[]) => {
    const env = { ...process.env, DATABASE_URL: walk.database.url };
    const run = promisify(execFile)(process.execPath, [program, 'ledger', 'check', ...options], { env });
    return await run.then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  };

  test('ends well where the books agree', async () => {
    await threeVideos();
    expect(await check()).toMatchObject({
      code: 0,
      stdout: 'All 2 balances agree with the ledger, the reservations and the videos.\n',
      stderr: '',
    });
  });

  test('ends with 1 and says where they differ', async () => {
    await threeVideos();
    await tamper(`update quota_buckets set reserved = reserved + 1 where id = ${COST_BUCKET}`);
    const { code, stdout, stderr } = await check();
    expect(code).toBe(1);
    expect(stdout.trimEnd().split('\n')).toEqual(await lines());
    expect(stderr).toBe('reelgate: The books differ in 3 places.\n');
    const json = JSON.parse((await check('--json')).stdout);
    expect(json).toMatchObject({
      buckets: 2,
      mismatches: [{ figure: 'reserved', booked: '400001', recomputed: '400000' }, {}, {}],
    });
  });
});
