import { createHash, createHmac } from 'node:crypto';
import { createObjectStore } from '@reelgate/adapters/object-store';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Stack, startStack, type Team } from './gateway-process.ts';

let stack: Stack;
let team: Team;
let videoId: string;
let path: string;
let whole: Buffer;

beforeAll(async () => {
  stack = await startStack();
  await stack.startWorker();
  team = await stack.addTeam();
  videoId = await completed('a film');
  path = `/v1/videos/${videoId}/content`;
  whole = (await stack.ask(team, 'GET', path)).bytes;
});
afterAll(() => stack.close());

async function completed(prompt: string): Promise<string> {
  const { id } = (await stack.create(team, { prompt })).json;
  await vi.waitUntil(
    async () => (await stack.ask(team, 'GET', `/v1/videos/${id}`)).json.status === 'completed',
    { timeout: 30_000, interval: 50 },
  );
  return id;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const get = (headers: Record<string, string> = {}, query = '') =>
  stack.ask(team, 'GET', path + query, { headers });

describe('content', () => {
  test('is what the upstream rendered, and says what it is', async () => {
    const truth = (await stack.simulator.truth()).videos[0]?.content?.video;
    expect({ bytes: whole.length, sha256: sha256(whole) }).toEqual(truth);
    const answer = await get({ accept: 'application/binary' });
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'video/mp4',
        'content-length': String(whole.length),
        'content-disposition': `attachment; filename="${videoId}.mp4"`,
        'accept-ranges': 'bytes',
        'cache-control': 'private',
        'x-content-type-options': 'nosniff',
        etag: `"${sha256(whole)}"`,
      },
    });
  });

  test.each([
    ['thumbnail', 'image/webp', 'webp'],
    ['spritesheet', 'image/jpeg', 'jpg'],
  ])('%s', async (variant, type, extension) => {
    const answer = await get({}, `?variant=${variant}`);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="${videoId}_${variant}.${extension}"`,
    );
    expect(answer.headers.etag).toBe(`"${sha256(answer.bytes)}"`);
  });

  test('HEAD: the same headers, no bytes, no range', async () => {
    const answer = await stack.ask(team, 'HEAD', path, { headers: { range: 'bytes=0-9' } });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-length': String(whole.length) } });
    expect(answer.bytes).toHaveLength(0);
  });

  test('beyond everything: 416 that tells the size', async () => {
    const answer = await get({ range: `bytes=${whole.length}-` });
    expect(answer).toMatchObject({
      status: 416,
      headers: { 'content-range': `bytes */${whole.length}` },
      json: { error: { code: 'range_not_satisfiable' } },
    });
  });
});

function objectStore() {
  return createObjectStore({
    kind: 'filesystem',
    directory: stack.objectsDirectory,
    publicUrl: 'http://localhost:8080',
    signingSecret: createHmac('sha256', Buffer.alloc(32, 7)).update('presigned object links').digest('hex'),
  });
}

describe('presigned links of the file store', () => {
  const link = async () => {
    const { rows } = await stack.database.db.$client.query<{ object_key: string }>(
      `select object_key from assets where video_id = $1 and variant = 'video'`,
      [videoId],
    );
    const url = new URL(
      await objectStore().store.presign(rows[0]?.object_key ?? '', {
        expiresInSeconds: 60,
        contentType: 'video/mp4',
        fileName: 'film "1".mp4',
      }),
    );
    return url;
  };

  test('play in a browser, without a key, with ranges', async () => {
    const url = await link();
    const answer = await stack.ask(null, 'GET', url.pathname + url.search);
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': 'video/mp4', 'content-disposition': 'inline; filename="film _1_.mp4"' },
    });
    expect(answer.bytes.equals(whole)).toBe(true);
    const part = await stack.ask(null, 'GET', url.pathname + url.search, { headers: { range: 'bytes=0-9' } });
    expect(part.status).toBe(206);
    expect(part.bytes.equals(whole.subarray(0, 10))).toBe(true);
  });

  test.each<[string, (url: URL) => void]>([
    ['another type', (url) => url.searchParams.set('type', 'text/html')],
    [
      'another object',
      (url) => {
        url.pathname = url.pathname.replace(/.$/, 'x');
      },
    ],
    ['a longer life', (url) => url.searchParams.set('expires', '9999999999')],
    ['no signature', (url) => url.searchParams.delete('signature')],
    ['the key twice', (url) => url.searchParams.append('type', 'video/mp4')],
  ])('%s: 404', async (_, change) => {
    const url = await link();
    change(url);
    const answer = await stack.ask(null, 'GET', url.pathname + url.search);
    expect(answer).toMatchObject({ status: 404, json: { error: { code: 'link_not_valid' } } });
  });

  test('the link is not logged', async () => {
    const url = await link();
    await stack.ask(null, 'GET', url.pathname + url.search);
    expect(stack.gateway.output()).not.toContain(url.searchParams.get('signature'));
  });
});

describe('list', () => {
  const ids = async (query: string, of = team) => {
    const { json } = await stack.ask(of, 'GET', `/v1/videos${query}`);
    return { ...json, ids: json.data.map((video: { id: string }) => video.id) as string[] };
  };

  test('pages meet without a gap or a double, both ways, and end as Java needs it', async () => {
    const many = await stack.addTeam();
    const made: string[] = [];
    for (let i = 0; i < 7; i++) made.push((await stack.create(many)).json.id);
    for (const order of ['desc', 'asc'] as const) {
      const seen: string[] = [];
      let query = `?limit=3&order=${order}`;
      for (;;) {
        const page = await ids(query, many);
        seen.push(...page.ids);
        expect(page).toMatchObject({
          object: 'list',
          first_id: page.ids[0] ?? null,
          last_id: page.ids.at(-1) ?? null,
          has_more: seen.length < 7,
        });
        if (page.ids.length === 0) break;
        query = `?limit=3&order=${order}&after=${page.last_id}`;
      }
      expect(seen).toEqual(order === 'asc' ? made : made.toReversed());
    }
    expect((await ids('', many)).ids).toEqual(made.toReversed());
    expect(await ids('?limit=0', many)).toMatchObject({ ids: [], last_id: null });
    await stack.ask(many, 'DELETE', `/v1/videos/${made[3]}`);
    expect((await ids(`?after=${made[3]}`, many)).ids).toEqual(made.slice(0, 3).toReversed());
  });
});
