/** Postgres comes back as it was some time ago, as after a failover to a standby that was behind: no paid video may be lost by it. */
import {
  adoptVideo,
  createModelCatalogue,
  createVideo,
  type Principal,
  surveyAccount,
  type WorkerContext,
} from '@reelgate/core';
import { createDatabase } from '@reelgate/db';
import { seedTeam, startWalk, TEST_ACCOUNT, type Walk } from '@reelgate/testkit';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

let walk: Walk;
beforeAll(async () => {
  walk = await startWalk({ timing: { searchMs: 0 } });
});
afterAll(() => walk.close());

const nameOf = (url: string) => new URL(url).pathname.slice(1);
const inPlaceOf = (name: string) => Object.assign(new URL(walk.database.url), { pathname: `/${name}` }).href;

/** The database as it is now, under a name of its own. */
async function copy(): Promise<{ url: string; drop(): Promise<void> }> {
  const [source, name] = [nameOf(walk.database.url), `${nameOf(walk.database.url)}_before`];
  const admin = new pg.Client({ connectionString: inPlaceOf('postgres') });
  await admin.connect();
  // A database that is copied has no connections; those of the pool are made anew when they are needed.
  await admin.query(`alter database ${source} allow_connections false`);
  await admin.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [
    source,
  ]);
  await admin.query(`create database ${name} template ${source} strategy file_copy`);
  await admin.query(`alter database ${source} allow_connections true`);
  return {
    url: inPlaceOf(name),
    async drop() {
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

async function create(ctx: WorkerContext, principal: Principal, directives: string): Promise<string> {
  const prompt = `a kite [[sim ${directives}]]`;
  const input = { model: 'sora-2', prompt, seconds: 4, size: '720x1280', params: {} };
  return (await createVideo({ ...ctx, principal }, input, { idempotencyKey: null, retryCount: 0 })).video.id;
}

test('what was under way ends once, and what no row knows any more is found, adopted and kept', async () => {
  await walk.database.db.$client.query(
    "update upstream_accounts set created_at = clock_timestamp() - interval '1 hour'",
  );
  const principal = await seedTeam(walk.database.db);
  const underWay = await create(walk.ctx, principal, 'render_ms=50');
  await walk.drive(underWay, ['rendering']);
  const before = await copy();
  const { db, close } = createDatabase(before.url, { applicationName: 'test', max: 5 });
  try {
    // Both are paid and kept, and then Postgres no longer knows of it.
    const forgotten = await create(walk.ctx, principal, 'render_ms=50 clock_skew_s=-1800');
    for (const id of [underWay, forgotten]) expect((await walk.drive(id)).state).toBe('stored');
    const { upstream_id: orphan } = await walk.facts(forgotten);
    const ctx: WorkerContext = { ...walk.ctx, db, models: createModelCatalogue({ db }) };

    expect((await walk.drive(underWay, [], ctx)).state).toBe('stored');
    await surveyAccount(ctx, TEST_ACCOUNT);
    const { rows } = await db.$client.query('select upstream_id, state from upstream_orphans');
    expect(rows).toEqual([{ upstream_id: orphan, state: 'seen' }]);

    const actor = { kind: 'admin_key', id: 'ak_1', name: 'ops', requestId: null, ip: null } as const;
    const place = { accountId: TEST_ACCOUNT, upstreamId: String(orphan) };
    const adopted = await adoptVideo({ ...ctx, actor }, place, {
      teamId: principal.teamId,
      reason: 'made after the moment that Postgres came back to',
    });
    expect((await walk.drive(adopted, [], ctx)).state).toBe('stored');

    const truth = (await walk.simulator.control('GET', 'truth')) as { totals: { creates: number } };
    expect(truth.totals.creates).toBe(2);
    const spent = await db.$client.query(
      'select sum(videos_settled)::int as videos, sum(cost_settled)::int as cost from spend',
    );
    expect(spent.rows).toEqual([{ videos: 2, cost: 800_000 }]);
  } finally {
    await close();
    await before.drop();
  }
});
