/** Finding videos among many: each filter by its counts, its rows, its time and its plan. */

import { countAllVideos, type FacetCounts } from '@reelgate/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../gateway/gateway-process.ts';
import { seedManyVideos } from './many-videos.ts';

/** `ADMIN_VIDEOS=100000` also holds each answer against its 300 ms, which wants a machine to itself. */
const COUNT = Number(process.env.ADMIN_VIDEOS ?? 10_000);
const LIMIT_MS = process.env.ADMIN_VIDEOS === undefined ? Number.POSITIVE_INFINITY : 300;

let stack: Stack;
let admin: { secret: string };
let seeded: { teamIds: string[]; keyIds: string[] };

beforeAll(async () => {
  stack = await startStack();
  seeded = await seedManyVideos(stack.database.db, COUNT);
  admin = await stack.addAdmin();
});
afterAll(() => stack.close());

async function get(path: string) {
  const started = performance.now();
  const answer = await stack.ask(admin, 'GET', `/admin/v1${path}`);
  const ms = performance.now() - started;
  if (answer.status !== 200) throw new Error(`${path}: ${answer.text}`);
  return { ...answer.json, ms };
}

const filters = (): [string, string][] => [
  ['nothing', ''],
  ['one status', 'status=failed'],
  ['the usual status', 'status=completed'],
  ['queued', 'status=queued'],
  ['a rare state', 'state=content_lost'],
  ['a state that there is none of', 'state=submitting'],
  ['one team', `team_id=${seeded.teamIds[3]}`],
  ['one key', `key_id=${seeded.keyIds[3]}`],
  ['three teams', `team_id=${seeded.teamIds.slice(0, 3).join(',')}`],
  ['a model', 'model=veo'],
  ['an upstream', 'upstream_id=south'],
  ['an operation', 'operation=extend'],
  ['an operation that there is none of', 'operation=edit'],
  ['an error', 'error_code=moderation_blocked'],
  ['a label', 'tag=campaign:c7'],
  ['a label that there is none of', 'tag=campaign:none'],
  ['a common word', 'q=balloon'],
  ['a rare word', 'q=zeppelin'],
  ['the beginning of a word', 'q=red%20zepp'],
  ['a word that there is none of', 'q=submarine'],
  ['a cost', 'cost_min_micro_usd=1390000'],
  ['a cost that there is none of', 'cost_min_micro_usd=9000000000'],
  [
    'a day',
    `created_after=${new Date(Date.now() - 9 * 86_400_000).toISOString()}&created_before=${new Date(Date.now() - 8 * 86_400_000).toISOString()}`,
  ],
  ['what is at risk', 'at_risk=true'],
  ['what is stuck', 'stuck=true'],
  ['what is held', 'hold=true'],
  ['several at once', `status=failed&model=sora-2&team_id=${seeded.teamIds[0]}&q=balloon`],
];

test('every filter shows what it counts, soon enough', async () => {
  const slow: unknown[] = [];
  for (const [name, query] of filters()) {
    const listed = await get(`/videos?limit=200&${query}`);
    const counted = await get(`/videos/counts?${query}`);
    expect([name, Math.min(counted.total, 200)]).toEqual([name, listed.data.length]);
    if (listed.ms > LIMIT_MS || counted.ms > LIMIT_MS) slow.push([name, listed.ms, counted.ms]);
    if (LIMIT_MS === 300)
      console.log(name.padEnd(36), counted.total, Math.round(listed.ms), Math.round(counted.ms));
  }
  expect(slow).toEqual([]);
}, 300_000);

test('a facet counts what choosing another of its values would give', async () => {
  const team = seeded.teamIds[2];
  const { status, team: teams, total } = await get(`/videos/counts?team_id=${team}&status=failed`);
  const count = async (query: string) => (await get(`/videos/counts?${query}`)).total;
  for (const { value, count: shown } of status)
    expect(shown).toBe(await count(`team_id=${team}&status=${value}`));
  expect(teams).toHaveLength(12);
  expect(teams.find(({ value }: { value: string }) => value === team)).toEqual({
    value: team,
    label: 'team 02',
    count: total,
  });
});

test('of more than can be counted in time the newest are, and it is said', async () => {
  const { db } = stack.database;
  const all = { db, scope: 'all' } as const;
  const total = ({ counts }: FacetCounts) => counts.find(({ facet }) => facet === 'total')?.count ?? 0;
  expect(await get('/videos/counts')).toMatchObject({ of_newest: null, total: COUNT });

  const newest = await countAllVideos(all, {}, 1_000);
  expect([newest.ofNewest, total(newest)]).toEqual([1_000, 1_001]);
  const failed = await countAllVideos(all, { statuses: ['failed'] }, 1_000);
  const whole = (await get('/videos/counts?status=failed')).total;
  expect(failed.ofNewest).toBe(1_000);
  expect(total(failed)).toBeGreaterThan(0);
  expect(total(failed)).toBeLessThan(whole);
  // Of one team they are its own newest; those of a day are no more than can be counted.
  const [mine = ''] = seeded.teamIds;
  expect(total(await countAllVideos({ db, scope: [mine] }, {}, 100))).toBe(101);
  const createdFrom = new Date(Date.now() - 86_400_000);
  const lately = await countAllVideos(all, { createdFrom }, 1_000);
  expect(lately.ofNewest).toBeNull();
  expect(total(lately)).toBe((await get(`/videos/counts?created_after=${createdFrom.toISOString()}`)).total);
  // What an index finds is counted whole; of a common word fewer are looked at, for each prompt has to be read.
  expect(await countAllVideos(all, { search: 'zeppelin' }, 1_000)).toMatchObject({ ofNewest: null });
  const common = await countAllVideos(all, { search: 'balloon' }, 1_000);
  expect([common.ofNewest, total(common)]).toEqual([100, 101]);
  const atRisk = (counted: FacetCounts) => counted.counts.find(({ facet }) => facet === 'at_risk')?.count;
  expect(atRisk(newest)).toBe(atRisk(await countAllVideos(all, {}, COUNT)));
});

test('pages lead through all of them once, newest first or oldest first', async () => {
  const seen = { desc: [] as string[], asc: [] as string[] };
  for (const order of ['desc', 'asc'] as const) {
    let after = '';
    do {
      const page = await get(`/videos?limit=200&model=veo&deleted=with&order=${order}${after}`);
      seen[order].push(...page.data.map(({ id }: { id: string }) => id));
      after = page.has_more ? `&after=${page.last_id}` : '';
    } while (after !== '');
  }
  expect(seen.desc).toEqual([...seen.asc].reverse());
  expect(new Set(seen.desc).size).toBe(COUNT / 5);
});

test('a team’s own administrators see its videos and no others', async () => {
  const [mine, other] = seeded.teamIds;
  const member = await stack.addAdmin('member', [mine ?? '']);
  const ask = async (path: string) => (await stack.ask(member, 'GET', `/admin/v1${path}`)).json;
  expect((await ask('/videos/counts')).team).toMatchObject([{ value: mine }]);
  expect((await ask(`/videos?team_id=${other}`)).data).toEqual([]);
  const [foreign] = (await get(`/videos?team_id=${other}&limit=1`)).data;
  expect((await ask(`/videos?q=${foreign.id}`)).data).toEqual([]);
  expect((await ask(`/videos?after=${foreign.id}`)).error.code).toBe('invalid_value');
});

test('the table has one line for each video, and what looks like a formula is none', async () => {
  await stack.database.db.$client.query(
    `update videos set prompt = '=HYPERLINK("https://evil.example","x")' where id = (select id from videos where model = 'veo' and state = 'stored' limit 1)`,
  );
  const { status, text, headers } = await stack.ask(
    admin,
    'GET',
    '/admin/v1/videos.csv?model=veo&status=completed',
  );
  expect([status, headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
  const [head = '', ...lines] = text.trimEnd().split('\r\n');
  expect(head.split(',')).toEqual(
    expect.arrayContaining(['id', 'team.name', 'prompt', 'cost.settled_micro_usd']),
  );
  expect(lines).toHaveLength((await get('/videos/counts?model=veo&status=completed')).total);
  expect(text.includes(`"'=HYPERLINK(""https://evil.example"",""x"")"`)).toBe(true);
});

test('the library has each lineage once, the newest first, with what all of it cost', async () => {
  const { $client: pool } = stack.database.db;
  const { rows } = await pool.query(
    "select id, final_micro::text as cost from videos where state = 'stored' and team_id = $1 order by created_at limit 3",
    [seeded.teamIds[1]],
  );
  const [root, ...made] = rows;
  for (const { id } of made)
    await pool.query('update videos set root_id = $2, parent_id = $2 where id = $1', [id, root.id]);
  const seen: {
    root_id: string;
    last_at: string;
    count: number;
    cost_micro_usd: string;
    videos: { id: string }[];
  }[] = [];
  let after = '';
  do {
    const page = await get(`/library?limit=200&team_id=${seeded.teamIds[1]}${after}`);
    seen.push(...page.data);
    after = page.has_more ? `&after=${page.last_id}` : '';
  } while (after !== '');
  const times = seen.map(({ last_at: at }) => at);
  expect(times).toEqual([...times].sort().reverse());
  expect(new Set(seen.map(({ root_id: id }) => id)).size).toBe(seen.length);
  const family = seen.find(({ root_id: id }) => id === root.id);
  const cost = rows.reduce((sum, row) => sum + BigInt(row.cost), 0n);
  expect(family).toMatchObject({ count: 3, cost_micro_usd: String(cost) });
  expect(family?.videos.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
});

test('anything is found by its id or name, and only in one’s own teams', async () => {
  const [video] = (await get(`/videos?team_id=${seeded.teamIds[4]}&limit=1`)).data;
  const search = async (q: string, who = admin) =>
    (await stack.ask(who, 'GET', `/admin/v1/search?q=${encodeURIComponent(q)}`)).json.data;
  expect(await search(video.id)).toMatchObject([{ kind: 'video', id: video.id }]);
  expect(await search('team 04')).toContainEqual({
    kind: 'team',
    id: seeded.teamIds[4],
    label: 'team 04',
    detail: '',
  });
  expect(await search(`${seeded.keyIds[4]}`)).toMatchObject([{ kind: 'key', id: seeded.keyIds[4] }]);
  expect(await search("%' or 1=1 --")).toEqual([]);
  const member = await stack.addAdmin('member', [seeded.teamIds[5] ?? '']);
  for (const q of [video.id, 'team 04', `${seeded.keyIds[4]}`]) expect(await search(q, member)).toEqual([]);
});
