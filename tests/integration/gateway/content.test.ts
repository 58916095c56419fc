import { createHash, createHmac } from 'node:crypto';
import { connect } from 'node:net';
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

  test.each<[string, (size: number) => [string, number, number]]>([
    ['the first byte', () => ['bytes=0-0', 0, 0]],
    ['some', () => ['bytes=1000-70000', 1_000, 70_000]],
    ['open', (size) => [`bytes=${size - 10}-`, size - 10, size - 1]],
    ['suffix', (size) => ['bytes=-7', size - 7, size - 1]],
    ['beyond the end', (size) => ['bytes=5-99999999999', 5, size - 1]],
  ])('a range, %s: byte for byte', async (_, of) => {
    const [range, start, end] = of(whole.length);
    const answer = await get({ range });
    expect(answer.status).toBe(206);
    expect(answer.headers['content-range']).toBe(`bytes ${start}-${end}/${whole.length}`);
    expect(answer.headers['content-length']).toBe(String(end - start + 1));
    expect(answer.bytes.equals(whole.subarray(start, end + 1))).toBe(true);
  });

  test('beyond everything: 416 that tells the size', async () => {
    const answer = await get({ range: `bytes=${whole.length}-` });
    expect(answer).toMatchObject({
      status: 416,
      headers: { 'content-range': `bytes */${whole.length}` },
      json: { error: { code: 'range_not_satisfiable' } },
    });
  });

  test.each([
    ['several', 'bytes=0-1,5-6'],
    ['ten thousand', `bytes=${Array.from({ length: 2_000 }, () => '0-').join(',')}`],
    ['nonsense', 'bytes=x'],
    ['another unit', 'pages=1-2'],
  ])('%s ranges: the whole, once', async (_, range) => {
    const answer = await get({ range });
    expect(answer.status).toBe(200);
    expect(answer.bytes.equals(whole)).toBe(true);
  });

  test('conditions', async () => {
    const etag = `"${sha256(whole)}"`;
    expect(await get({ 'if-none-match': etag })).toMatchObject({ status: 304, text: '', headers: { etag } });
    expect((await get({ 'if-none-match': '"other"' })).status).toBe(200);
    expect((await get({ 'if-range': etag, range: 'bytes=0-0' })).status).toBe(206);
    expect((await get({ 'if-range': '"stale"', range: 'bytes=0-0' })).status).toBe(200);
  });

  test.each(['?variant=', '?variant=../../x', '?variant=VIDEO', '?variant=video&variant=video'])(
    '%s: 400',
    async (query) => {
      expect(await get({}, query)).toMatchObject({ status: 400, json: { error: { param: 'variant' } } });
    },
  );

  test('not ready, failed: 404 in the envelope, never an empty 200', async () => {
    const stuck = (await stack.create(team, { prompt: '[[sim stuck]]' })).json.id;
    expect(await stack.ask(team, 'GET', `/v1/videos/${stuck}/content`)).toMatchObject({
      status: 404,
      json: { error: { code: 'video_not_ready' } },
    });
    const failed = (await stack.create(team, { prompt: '[[sim fail=moderation_blocked]]' })).json.id;
    await vi.waitUntil(
      async () => (await stack.ask(team, 'GET', `/v1/videos/${failed}`)).json.status === 'failed',
      { timeout: 30_000, interval: 50 },
    );
    const video = (await stack.ask(team, 'GET', `/v1/videos/${failed}`)).json;
    expect(video.error).toMatchObject({ code: 'moderation_blocked', message: expect.any(String) });
    expect(await stack.ask(team, 'GET', `/v1/videos/${failed}/content`)).toMatchObject({
      status: 404,
      json: { error: { code: 'video_failed' } },
    });
  });

  test('an object that is gone: 500 with the request id, not an empty file', async () => {
    const { store } = objectStore();
    const id = await completed('soon gone');
    const { rows } = await stack.database.db.$client.query(
      `select object_key from assets where video_id = $1 and variant = 'video'`,
      [id],
    );
    await store.delete(rows[0].object_key);
    const answer = await stack.ask(team, 'GET', `/v1/videos/${id}/content`);
    expect(answer.status).toBe(500);
    expect(answer.json.error.message).toContain(answer.headers['x-request-id']);
  });

  test('clients that leave in the middle leave nothing open', async () => {
    const large = await completed('large [[sim content_padding_bytes=20000000]]');
    const openFiles = async () => {
      const { readdir, readlink } = await import('node:fs/promises');
      const directory = `/proc/${stack.gateway.process.pid}/fd`;
      const targets = await Promise.all(
        (await readdir(directory)).map((fd) => readlink(`${directory}/${fd}`).catch(() => '')),
      );
      return targets.filter((target) => target.startsWith(stack.objectsDirectory)).length;
    };
    for (let i = 0; i < 20; i++) {
      await new Promise<void>((resolve) => {
        const socket = connect(stack.gateway.port, '127.0.0.1');
        socket.once('data', () => socket.destroy());
        socket.once('close', () => resolve());
        socket.write(
          `GET /v1/videos/${large}/content HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${team.secret}\r\n\r\n`,
        );
      });
    }
    await vi.waitUntil(async () => (await openFiles()) === 0, { timeout: 5_000, interval: 50 });
    const brokenOff = () => stack.gateway.lines.filter((line) => line.outcome === 'broken_off').length;
    await vi.waitUntil(() => brokenOff() === 20, { timeout: 5_000, interval: 50 });
  });
});

test('a reader that stands still is let go of', async () => {
  const gateway = await stack.startGateway({ IDLE_TIMEOUT: '500ms' });
  const large = await completed('stands still [[sim content_padding_bytes=20000000]]');
  const socket = connect(gateway.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    `GET /v1/videos/${large}/content HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${team.secret}\r\n\r\n`,
  );
  await vi.waitUntil(() => gateway.lines.some((line) => line.outcome === 'broken_off'), {
    timeout: 10_000,
    interval: 50,
  });
  socket.destroy();
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

  test.each([
    '?limit=-1',
    '?limit=101',
    '?limit=1e9',
    '?limit=a',
    '?limit=1&limit=2',
    '?order=;drop',
    '?after=x',
    '?after=',
  ])('%s: 400', async (query) => {
    const answer = await stack.ask(team, 'GET', `/v1/videos${query}`);
    expect(answer).toMatchObject({ status: 400, json: { error: { type: 'invalid_request_error' } } });
  });
});
