/** One video in the eyes of an administrator, from accepted to its webhook. */
import { checkLedger } from '@reelgate/core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';

let stack: Stack;
let admin: { secret: string };
let team: Team;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  admin = await stack.addAdmin();
  team = await stack.addTeam(50_000_000n);
  await stack.startWorker();
  id = (await stack.create(team)).json.id;
  await vi.waitFor(
    async () => {
      const { json } = await stack.ask(team, 'GET', `/v1/videos/${id}`);
      expect(json.status).toBe('completed');
    },
    { timeout: 30_000 },
  );
});
afterAll(() => stack.close());

const get = async (path: string, who = admin) => await stack.ask(who, 'GET', `/admin/v1${path}`);

test('tells its whole story', async () => {
  const { json } = await get(`/videos/${id}`);
  expect(json).toMatchObject({
    id,
    status: 'completed',
    state: 'stored',
    team: { id: team.teamId },
    key: { id: team.keyId },
    prompt: 'a kite',
    cost: {
      state: 'settled',
      estimated_micro_usd: '400000',
      reserved_micro_usd: '0',
      settled_micro_usd: '400000',
    },
    submissions: [{ no: 1, state: 'accepted' }],
    lineage: [{ id, distance: 0 }],
    upstream_error: null,
  });
  const kinds = json.timeline.map(({ kind }: { kind: string }) => kind);
  expect(kinds[0]).toBe('accepted');
  expect(kinds).toEqual(expect.arrayContaining(['submission', 'rendered', 'stored', 'event']));
  const times = json.timeline.map(({ at }: { at: string }) => at);
  expect(times).toEqual([...times].sort());
  expect(json.provenance.content_sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(json.variants).toEqual(expect.arrayContaining(['video', 'thumbnail']));
});

test('its bookings are those of the ledger', async () => {
  const { json } = await get(`/videos/${id}`);
  expect(json.ledger.map(({ kind }: { kind: string }) => kind)).toEqual(['reserve', 'settle']);
  const listed = await get(`/ledger?video_id=${id}`);
  expect([...listed.json.data].reverse()).toEqual(json.ledger);
  const check = await stack.ask(admin, 'POST', '/admin/v1/ledger/check');
  const { buckets } = await checkLedger(stack.database);
  expect(check.json).toEqual({
    object: 'ledger_check',
    checked_at: expect.any(String),
    balances: buckets,
    agrees: true,
    mismatches: [],
    mismatches_in_all: 0,
    differs_since: null,
  });
  expect((await get('/ledger/check')).json).toEqual({ object: 'last_ledger_check', last: check.json });
});

test('can be looked at, whole or in part', async () => {
  const path = `/admin/v1/videos/${id}/content`;
  const whole = await stack.ask(admin, 'GET', `${path}?variant=thumbnail`);
  expect([whole.status, whole.headers['content-disposition']]).toEqual([200, 'inline']);
  const part = await stack.ask(admin, 'GET', path, { headers: { range: 'bytes=0-99' } });
  expect([part.status, part.bytes.length, part.headers['content-type']]).toEqual([206, 100, 'video/mp4']);
});

test('is not there for the administrators of another team', async () => {
  const other = await stack.addTeam();
  const manager = await stack.addAdmin('manager', [other.teamId]);
  const none = `video_${'0'.repeat(32)}`;
  for (const path of ['', '/content']) {
    const refused = await get(`/videos/${id}${path}`, manager);
    const unknown = await get(`/videos/${none}${path}`, manager);
    expect([refused.status, refused.text.replaceAll(id, 'ID')]).toEqual([
      404,
      unknown.text.replaceAll(none, 'ID'),
    ]);
  }
  expect((await get(`/ledger?video_id=${id}`, manager)).json.data).toEqual([]);
});
