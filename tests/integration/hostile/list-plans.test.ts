/** Row 37: a list costs what it shows, however much there is. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { type CountingProxy, startCountingProxy } from '../keys/counting-database-proxy.ts';

let proxy: CountingProxy;
let stack: Stack;
let team: Team;

beforeAll(async () => {
  proxy = await startCountingProxy('reelgate-gateway');
  stack = await startStack({ databaseUrl: proxy.url });
  team = await stack.addTeam();
  const { id } = (await stack.create(team)).json;
  const other = await stack.addTeam();
  // Rows alone: half of them are the team's, and nothing is due for any.
  await stack.database.db.$client.query(
    `insert into videos select copy.*
       from videos v, generate_series(1, 20000) no,
            jsonb_populate_record(v, jsonb_build_object(
              'id', 'video_' || lpad(no::text, 32, 'f'), 'next_action_at', null, 'upstream_id', 'made' || no,
              'team_id', case when no % 2 = 0 then v.team_id else $2 end,
              'key_id', case when no % 2 = 0 then v.key_id else $3 end, 'created_at', v.created_at - no * interval '1 second')) copy
      where v.id = $1`,
    [id, other.teamId, other.keyId],
  );
  await stack.database.db.$client.query('analyze videos');
});
afterAll(async () => {
  await stack?.close();
  await proxy?.close();
});

/** Rows of `videos` that were ever read, by going through all of them and by an index. */
async function rowsRead(): Promise<{ bySeq: number; byIndex: number }> {
  const { rows } = await stack.database.db.$client.query(
    `select seq_tup_read::int as "bySeq", idx_tup_fetch::int as "byIndex" from pg_stat_user_tables where relname = 'videos'`,
  );
  return rows[0];
}

test('a list is one query on an index, wherever it begins', async () => {
  const before = await rowsRead();
  for (const where of ['', '&order=asc', `&after=video_${String(10_000).padStart(32, 'f')}`]) {
    const from = proxy.statements.length;
    const { json } = await stack.ask(team, 'GET', `/v1/videos?limit=100${where}`);
    expect(json.data).toHaveLength(100);
    const asked = proxy.statements.slice(from).filter((statement) => /from "?videos"?/.test(statement));
    expect(asked, where).toHaveLength(1);
  }
  // Of 10,000 that the team has. The gateway's session tells the statistics some seconds after its last statement.
  const after = await vi.waitUntil(
    async () => {
      const now = await rowsRead();
      return now.byIndex - before.byIndex >= 300 && now;
    },
    { timeout: 30_000, interval: 200 },
  );
  expect(after.bySeq - before.bySeq).toBe(0);
  expect(after.byIndex - before.byIndex).toBeLessThan(1_000);
});
