/** The demonstration is believable: every page tells the same numbers of it, its books agree, and its videos play. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createKey } from '@reelgate/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDemoStore } from '../../demo-data/demo-store.ts';
import { writeDemoData } from '../../demo-data/write-demo-data.ts';
import { PEPPER, type Stack, startStack } from '../gateway/gateway-process.ts';

const VIDEOS = 1_500;
const WITH_FILES = 40;

let stack: Stack;
let admin: { secret: string };

beforeAll(async () => {
  stack = await startStack();
  await writeDemoData(stack.database.url, {
    ...{ videos: VIDEOS, seed: 7, days: 20, password: 'reelgate-demo', filesOf: WITH_FILES },
    store: openDemoStore({
      ...{ kind: 'filesystem', directory: stack.objectsDirectory, publicUrl: stack.gateway.origin },
      signingSecret: 's'.repeat(32),
    }),
  });
  admin = await stack.addAdmin();
});
afterAll(() => stack.close());

const ask = async (path: string, who = admin, method = 'GET') => {
  const answer = await stack.ask(who, method, path);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer;
};
const get = async (path: string) => (await ask(`/admin/v1${path}`)).json;

interface Sums {
  readonly spent: string;
  readonly reserved: string;
}
const sum = (rows: readonly Sums[]): Sums => {
  const total = (name: keyof Sums) => `${rows.reduce((all, row) => all + BigInt(row[name]), 0n)}`;
  return { spent: total('spent'), reserved: total('reserved') };
};

test('Overview, Teams, CSV, series, /v1/usage and the ledger tell the same totals', async () => {
  const { $client } = stack.database.db;
  const { month } = await get('/overview');
  const totals: Sums = { spent: month.spent_micro_usd, reserved: month.reserved_micro_usd };
  expect(Number(totals.spent)).toBeGreaterThan(0);
  expect(Number(totals.reserved)).toBeGreaterThan(0);

  const teams = (await get('/teams?limit=200')).data;
  expect(teams).toHaveLength(12);
  const ofTeams = teams.map(({ budget }: { budget: Record<string, string> }) => ({
    spent: budget.used_micro_usd,
    reserved: budget.reserved_micro_usd,
  }));
  expect(sum(ofTeams)).toEqual(totals);

  const csv = (await ask('/admin/v1/usage.csv?group_by=team')).text.trim().split(/\r?\n/);
  const head = csv[0]?.split(',') ?? [];
  const ofCsv = csv.slice(1).map((line) => {
    const cells = line.split(',');
    const cell = (name: string) => cells[head.indexOf(name)] ?? '';
    return { spent: cell('spent_micro_usd'), reserved: cell('reserved_micro_usd') };
  });
  expect(ofCsv).toHaveLength(12);
  expect(sum(ofCsv)).toEqual(totals);

  const series = (await get('/series/spend?group_by=team')).cumulative_micro_usd.at(-1);
  expect(series).toBe(totals.spent);

  const ofKeys: Sums[] = [];
  for (const { id } of teams) {
    const key = await createKey(
      { db: stack.database.db, pepper: PEPPER },
      { teamId: id, name: 'to ask with' },
    );
    const { total } = (await ask('/v1/usage', key)).json;
    ofKeys.push({ spent: `${total.spent_micro_usd}`, reserved: `${total.reserved_micro_usd}` });
  }
  expect(ofKeys).toEqual(ofTeams);

  const { rows: ledger } = await $client.query(
    `select sum(g.d_settled)::text as spent, sum(g.d_reserved)::text as reserved
       from quota_ledger g join quota_buckets b on b.id = g.bucket_id join quota_limits l on l.id = b.limit_id
      where l.scope_kind = 'team' and l.metric = 'cost' and b.period_start = date_trunc('month', now(), 'UTC')`,
  );
  expect(ledger[0]).toEqual(totals);
  const check = (await ask('/admin/v1/ledger/check', admin, 'POST')).json;
  expect(check).toMatchObject({ agrees: true, mismatches: [] });
  expect(check.balances).toBeGreaterThan(24);
});

test('each file is there as its row says, and the newest videos play', async () => {
  const { rows } = await stack.database.db.$client.query<{
    object_key: string;
    bytes: string;
    sha256: string;
  }>("select object_key, bytes, sha256 from assets where state = 'stored'");
  expect(rows.length).toBeGreaterThan(2 * WITH_FILES);
  for (const { object_key: key, bytes, sha256 } of rows) {
    const data = await readFile(join(stack.objectsDirectory, 'objects', key));
    expect([key, data.length]).toEqual([key, Number(bytes)]);
    expect(createHash('sha256').update(data).digest('hex')).toBe(sha256);
  }
  const videos = (await get(`/videos?status=completed&limit=${WITH_FILES}`)).data;
  expect(videos).toHaveLength(WITH_FILES);
  for (const { id, variants } of videos) {
    for (const variant of variants) {
      const { headers } = await ask(`/admin/v1/videos/${id}/content?variant=${variant}`);
      expect(headers['content-type']).toMatch(/^(video|image)\//);
    }
    expect(variants).toContain('video');
  }
});

test('a number that is wrong is found', async () => {
  const { $client } = stack.database.db;
  await $client.query(
    `update quota_buckets set settled = settled + 1 where id = (
       select b.id from quota_buckets b join quota_limits l on l.id = b.limit_id where l.metric = 'cost' order by b.id limit 1)`,
  );
  const { agrees, mismatches } = (await ask('/admin/v1/ledger/check', admin, 'POST')).json;
  expect(agrees).toBe(false);
  // It shows in each sum that the balance is part of.
  expect(mismatches.length).toBeGreaterThan(0);
});
