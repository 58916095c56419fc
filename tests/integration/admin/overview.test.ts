/** The first page, over many videos: its numbers are those of the rows. */
import { setQuota } from '@reelgate/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { costQuota, type Stack, startStack } from '../gateway/gateway-process.ts';
import { seedManyVideos } from './many-videos.ts';

let stack: Stack;
let admin: { secret: string };
let seeded: { teamIds: string[]; keyIds: string[] };

beforeAll(async () => {
  stack = await startStack();
  seeded = await seedManyVideos(stack.database.db, 6_000);
  for (const teamId of seeded.teamIds.slice(0, 4))
    await setQuota(stack.database, costQuota(teamId, 500_000_000n));
  admin = await stack.addAdmin();
});
afterAll(() => stack.close());

const get = async (path: string, who = admin) => {
  const answer = await stack.ask(who, 'GET', `/admin/v1${path}`);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.json;
};
const one = async (sql: string, values: unknown[] = []) =>
  (await stack.database.db.$client.query(sql, values)).rows[0];
const THIS_MONTH = "created_at >= date_trunc('month', now(), 'UTC')";

test('the month is what its videos cost', async () => {
  const { month, active, storage } = await get('/overview');
  const truth = await one(
    `select coalesce(sum(final_micro), 0)::text as spent, count(*)::int as videos,
            coalesce(sum(est_micro) filter (where final_micro is null and state <> 'failed'), 0)::text as reserved
       from videos where ${THIS_MONTH}`,
  );
  expect(month).toMatchObject({
    spent_micro_usd: truth.spent,
    reserved_micro_usd: truth.reserved,
    videos: truth.videos,
    budget_micro_usd: '2000000000',
    time_zone: 'UTC',
  });
  expect(Number(truth.spent)).toBeGreaterThan(0);
  const states = await one(
    `select count(*) filter (where state = 'accepted')::int as waiting, count(*) filter (where state = 'unknown')::int as queued,
            count(*) filter (where state = 'rendering')::int as running, count(*) filter (where state = 'archiving')::int as archiving
       from videos`,
  );
  expect(active).toEqual(states);
  expect(storage).toEqual({ bytes: 0, videos: 0 });
});

test('what is at risk and what needs somebody are there, the worst first', async () => {
  const { at_risk: atRisk, attention } = await get('/overview');
  expect(atRisk.length).toBeGreaterThan(0);
  const times = atRisk.map(({ expires_at: at }: { expires_at: string }) => at);
  expect(times).toEqual([...times].sort());
  expect(attention[0]).toMatchObject({ kind: 'video_at_risk', severity: 'critical' });
  await stack.database.db.$client.query(
    "update models set sizes = sizes || '1920x1080'::text where name = 'veo'",
  );
  const again = await get('/overview');
  expect(again.attention).toContainEqual(
    expect.objectContaining({
      kind: 'unpriced_model',
      target: 'veo',
      label: 'veo has no price for 1920x1080',
    }),
  );
});

test('requests for more, what is frozen and that everything is paused are among it', async () => {
  const [teamId = ''] = seeded.teamIds;
  const ask = async (path: string, json: unknown) => {
    const answer = await stack.ask(admin, 'POST', `/admin/v1${path}`, { json });
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.json;
  };
  const { data: quotas } = await get(`/quotas?team_id=${teamId}`);
  const request = await ask('/budget-requests', {
    quota_id: quotas[0].id,
    amount: '5000000',
    reason: 'Two more cuts',
  });
  await ask(`/teams/${teamId}/freeze`, { reason: 'A leaked key' });
  await ask('/organization/pause', { reason: 'The bill is wrong' });
  const { attention } = await get('/overview');
  expect(attention).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'budget_request', target: request.id, team_id: teamId }),
      expect.objectContaining({
        kind: 'frozen_team',
        target: teamId,
        label: expect.stringContaining('A leaked key'),
      }),
      expect.objectContaining({ kind: 'paused', severity: 'critical' }),
    ]),
  );
  await ask('/organization/resume', {});
  await ask(`/teams/${teamId}/unfreeze`, {});
  await ask(`/budget-requests/${request.id}/withdraw`, {});
  const after = (await get('/overview')).attention.map(({ kind }: { kind: string }) => kind);
  for (const kind of ['budget_request', 'frozen_team', 'paused']) expect(after).not.toContain(kind);
});

test('each series adds up to the same', async () => {
  const spent = (await get('/overview')).month.spent_micro_usd;
  for (const by of ['team', 'model', 'upstream', 'key', 'operation', 'tag&tag_key=campaign']) {
    const { days, series, cumulative_micro_usd: cumulative } = await get(`/series/spend?group_by=${by}`);
    expect(cumulative).toHaveLength(days.length);
    expect([by, cumulative.at(-1)]).toEqual([by, spent]);
    const total = series.reduce(
      (sum: bigint, { total_micro_usd: one }: { total_micro_usd: string }) => sum + BigInt(one),
      0n,
    );
    expect([by, String(total)]).toEqual([by, spent]);
    expect(series.length).toBeLessThanOrEqual(9);
  }
});

test('days are those of the organization, also where the clocks change', async () => {
  await stack.database.db.$client.query("update organizations set time_zone = 'Europe/Berlin'");
  const {
    days,
    series,
    time_zone: zone,
  } = await get(
    '/series/spend?group_by=model&from=2026-10-24T00:00:00%2B02:00&to=2026-10-27T00:00:00%2B01:00',
  );
  expect([zone, days]).toEqual(['Europe/Berlin', ['2026-10-24', '2026-10-25', '2026-10-26']]);
  for (const [index, day] of days.entries()) {
    const truth = await one(
      `select coalesce(sum(final_micro), 0)::text as spent from videos
        where created_at >= $1::timestamp at time zone 'Europe/Berlin' and created_at < ($1::timestamp + interval '1 day') at time zone 'Europe/Berlin'`,
      [day],
    );
    const sum = series.reduce(
      (total: bigint, { spent_micro_usd: spent }: { spent_micro_usd: string[] }) =>
        total + BigInt(spent[index] ?? 0),
      0n,
    );
    expect([day, String(sum)]).toEqual([day, truth.spent]);
  }
  await stack.database.db.$client.query("update organizations set time_zone = 'UTC'");
});

test('by the hour: every hour is there, and no data is not zero', async () => {
  const { hours, series } = await get('/series/status');
  expect(hours.length).toBeGreaterThanOrEqual(24);
  const all = series
    .flatMap(({ videos }: { videos: number[] }) => videos)
    .reduce((a: number, b: number) => a + b, 0);
  const { total } = await get(`/videos/counts?deleted=with&created_after=${hours[0]}`);
  expect(total - all).toBeLessThanOrEqual(5);
  const latency = await get('/series/latency?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z');
  expect(latency.hours).toHaveLength(24);
  expect(latency.p50_seconds).toEqual(Array(24).fill(null));
  const now = await get(`/series/latency?from=${new Date(Date.now() - 6 * 86_400_000).toISOString()}`);
  expect(
    now.p95_seconds.some((seconds: number | null) => seconds !== null && seconds >= 70 && seconds <= 120),
  ).toBe(true);
});

test('a team’s own administrators see its share', async () => {
  const [other = '', , , mine = ''] = seeded.teamIds;
  const member = await stack.addAdmin('member', [mine]);
  const truth = await one(
    `select coalesce(sum(final_micro), 0)::text as spent from videos where team_id = $1 and ${THIS_MONTH}`,
    [mine],
  );
  const { month, attention } = await get('/overview', member);
  expect([month.spent_micro_usd, month.budget_micro_usd]).toEqual([truth.spent, '500000000']);
  expect(new Set(attention.map(({ team_id: id }: { team_id: string }) => id))).toEqual(new Set([mine]));
  expect((await get(`/overview?team_id=${other}`, member)).month.videos).toBe(0);
  expect((await get(`/series/spend?team_id=${other}`, member)).series).toEqual([]);
});
