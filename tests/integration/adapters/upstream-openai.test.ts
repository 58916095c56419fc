import { buffer } from 'node:stream/consumers';
import { type ClosableUpstream, createUpstream } from '@reelgate/adapters/upstreams';
import type { UpstreamVideo } from '@reelgate/core/ports';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startSimulator } from '../simulator/start-simulator.ts';
import { API_KEY, describeUpstreamContract, JOB, type UpstreamWire } from './upstream-contract.ts';
import { type Behave, send, startUpstreamServer } from './upstream-server.ts';

const SETTINGS = {
  kind: 'openai',
  accountId: 'primary',
  operations: ['create', 'remix', 'edit', 'extend'],
  characters: true,
  videoUploads: true,
  variants: ['video', 'thumbnail'],
  lists: true,
  contentLifeMs: 3_600_000,
  pollIntervalMs: 1_000,
  chargesOnFailure: false,
} as const;

const wire: UpstreamWire = {
  name: 'openai',
  connect: ({ origin, apiKey, timeouts }) =>
    createUpstream({ ...SETTINGS, operations: ['create'], baseUrl: `${origin}/v1`, apiKey, timeouts }),
  isCreate: ({ method, url }) => method === 'POST' && url === '/v1/videos',
  accepted: (id) => ({ status: 200, body: { id, object: 'video', status: 'queued', progress: 0 } }),
  running: (id) => ({ status: 200, body: { id, object: 'video', status: 'in_progress', progress: 40 } }),
};

describeUpstreamContract(wire);

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function start(behave: Behave, settings: { lists?: boolean; apiKey?: string; path?: string } = {}) {
  const server = await startUpstreamServer(behave);
  const { path = '/v1', ...rest } = settings;
  const upstream = createUpstream({
    ...SETTINGS,
    apiKey: API_KEY,
    ...rest,
    baseUrl: `${server.origin}${path}`,
  });
  open.push(server, upstream);
  return { server, upstream };
}

describe('a create on this wire', () => {
  it('is a form that names everything, with our own headers alone', async () => {
    const { server, upstream } = await start((exchange) => send(exchange, wire.accepted('video_1')));
    const prompt = 'Two lines\nand a 猫, "quoted"';
    const params = { fps: 16, camera: { pan: 'left' }, tags: ['a', 'b'], generate_sound: false };
    await upstream.submit({ ...JOB, prompt, params }, { submissionId: 'sub_42' });

    const [request] = server.requests;
    expect(request?.url).toBe('/v1/videos');
    expect(Object.keys(request?.headers ?? {}).toSorted()).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'x-client-request-id',
    ]);
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${API_KEY}`,
      'accept-encoding': 'identity',
      connection: 'close',
      'x-client-request-id': 'sub_42',
    });
    const form = await new Response(new Uint8Array(request?.body ?? []), {
      headers: { 'content-type': request?.headers['content-type'] ?? '' },
    }).formData();
    expect([...form.entries()]).toEqual([
      ['model', 'wan-2.2'],
      ['prompt', prompt],
      ['seconds', '8'],
      ['size', '1280x720'],
      ['fps', '16'],
      ['camera[pan]', 'left'],
      ['tags[]', 'a'],
      ['tags[]', 'b'],
      ['generate_sound', 'false'],
    ]);
  });

  it('refuses a reference that the server would open by itself', async () => {
    const { server, upstream } = await start((exchange) => send(exchange, wire.accepted('video_1')));
    const job = { ...JOB, params: { input_reference: '/etc/passwd' } };
    expect(await upstream.submit(job, { submissionId: 'sub_1' })).toMatchObject({
      kind: 'refused',
      retry: 'never',
      operatorFault: false,
      error: { code: 'unsupported_parameter', param: 'input_reference' },
    });
    expect(server.connections()).toBe(0);
  });

  it('carries no credential where there is none, and keeps the path of the base URL', async () => {
    const server = await startUpstreamServer((exchange) => send(exchange, wire.accepted('video_1')));
    const upstream = createUpstream({ ...SETTINGS, baseUrl: `${server.origin}/proxy/openai/v1/` });
    open.push(server, upstream);
    await upstream.submit(JOB, { submissionId: 'sub_1' });
    await upstream.poll({ id: 'a/b?c' });
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/proxy/openai/v1/videos',
      '/proxy/openai/v1/videos/a%2Fb%3Fc',
    ]);
    expect(server.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  it('passes a refused content on in the words of the upstream', async () => {
    const error = {
      code: 'moderation_blocked',
      message: 'Blocked by our moderation system.',
      param: 'prompt',
    };
    const { upstream } = await start((exchange) => send(exchange, { status: 400, body: { error } }));
    expect(await upstream.submit(JOB, { submissionId: 'sub_1' })).toEqual({
      kind: 'refused',
      retry: 'never',
      operatorFault: false,
      error: { ...error, httpStatus: 400 },
    });
  });

  it('takes a FastAPI refusal for one', async () => {
    const detail = [{ type: 'string_pattern_mismatch', loc: ['body', 'size'], msg: 'Does not match.' }];
    const { upstream } = await start((exchange) => send(exchange, { status: 422, body: { detail } }));
    expect(await upstream.submit(JOB, { submissionId: 'sub_1' })).toMatchObject({
      kind: 'refused',
      error: { code: 'invalid_request', message: 'Does not match.', param: 'size' },
    });
  });
});

describe('a look on this wire', () => {
  it('believes the body of a failed job whatever its status', async () => {
    const body = {
      id: 'video_gen_1',
      object: 'video',
      status: 'failed',
      error: { code: 500, message: 'CUDA out of memory' },
    };
    const { upstream } = await start((exchange) => send(exchange, { status: 500, body }));
    expect(await upstream.poll({ id: 'video_gen_1' })).toMatchObject({
      kind: 'seen',
      video: { state: 'failed', error: { code: '500', message: 'CUDA out of memory' } },
    });
  });

  it('learns when to look again', async () => {
    const { upstream } = await start((exchange) =>
      send(exchange, { ...wire.running('video_1'), headers: { 'openai-poll-after-ms': '2500' } }),
    );
    expect(await upstream.poll({ id: 'video_1' })).toMatchObject({ kind: 'seen', pollAfterMs: 2_500 });
  });

  it('takes an error with an id and a status for no video', async () => {
    const body = { id: 'err_1', status: 'failed', error: { message: 'no' } };
    const { upstream } = await start((exchange) => send(exchange, { status: 503, body }));
    expect(await upstream.poll({ id: 'video_1' })).toEqual({ kind: 'unavailable', reason: 'http_503' });
  });
});

describe('a list on this wire', () => {
  it('walks pages newest first, also where the server tells nothing about the next', async () => {
    const ids = ['v5', 'v4', 'v3', 'v2', 'v1'];
    const { server, upstream } = await start((exchange) => {
      const after = new URL(exchange.request.url, 'http://x').searchParams.get('after');
      const from = after === null ? 0 : ids.indexOf(after) + 1;
      const data = ids.slice(from, from + 2).map((id) => ({ id, status: 'completed' }));
      send(exchange, { status: 200, body: { object: 'list', data } });
    });
    expect(await walk(upstream)).toEqual(ids);
    expect(server.requests[0]?.url).toBe('/v1/videos?limit=100&order=desc');
  });

  it('reads a page of the longest prompts there can be', async () => {
    const data = Array.from({ length: 100 }, (_, n) => ({
      id: `v${n}`,
      status: 'queued',
      prompt: '🎬'.repeat(32_000),
    }));
    const { upstream } = await start((exchange) =>
      send(exchange, { status: 200, body: { data, has_more: false } }),
    );
    const page = await upstream.list({});
    expect(page).toMatchObject({ kind: 'page' });
    expect(page).not.toHaveProperty('next');
  });

  it.each([
    ['an entry without an id', { status: 200, body: { data: [{ status: 'queued' }], has_more: false } }],
    ['no list', { status: 200, body: { id: 'video_1' } }],
    ['500', { status: 500 }],
    ['404', { status: 404 }],
  ])('is unavailable with %s', async (_, answer) => {
    const { upstream } = await start((exchange) => send(exchange, answer));
    expect((await upstream.list({})).kind).toBe('unavailable');
  });

  it('is not asked for where the account does not list', async () => {
    const { server, upstream } = await start((exchange) => send(exchange, { status: 200 }), { lists: false });
    expect(await upstream.list({})).toEqual({ kind: 'unavailable', reason: 'not_offered' });
    expect(server.connections()).toBe(0);
  });
});

describe('content on this wire', () => {
  it('is asked for by variant', async () => {
    const { server, upstream } = await start((exchange) =>
      send(exchange, { status: 200, headers: { 'content-type': 'image/webp' }, body: 'RIFF' }),
    );
    const result = await upstream.open({ id: 'video_1' }, 'thumbnail');
    if (result.kind !== 'stream') throw new Error(`There is no stream but ${result.kind}`);
    expect((await buffer(result.body)).toString()).toBe('RIFF');
    expect(server.requests[0]?.url).toBe('/v1/videos/video_1/content?variant=thumbnail');
  });

  it.each([400, 409, 422])(
    'answered by %i is missing: some servers say so of what is not ready',
    async (status) => {
      const { upstream } = await start((exchange) =>
        send(exchange, { status, body: { error: 'not ready' } }),
      );
      expect(await upstream.open({ id: 'video_1' }, 'video')).toEqual({ kind: 'missing' });
    },
  );
});

describe('settings', () => {
  it.each([
    'render.example/v1',
    'ftp://render.example/v1',
    'https://user:word@render.example/v1',
    'https://render.example/v1?key=word',
  ])('do not take the base URL %s, nor repeat it', (baseUrl) => {
    const create = () => createUpstream({ ...SETTINGS, baseUrl });
    expect(create).toThrow(/primary: baseUrl/);
    expect(create).not.toThrow(/example|word/);
  });

  it('do not take a key that no header can hold, nor repeat it', () => {
    const create = () =>
      createUpstream({ ...SETTINGS, baseUrl: 'https://render.example/v1', apiKey: 'word\r\nx: y' });
    expect(create).toThrow(/primary: apiKey/);
    expect(create).not.toThrow(/word/);
  });
});

describe('against the simulator', () => {
  it('submits, looks, lists and downloads', async () => {
    const simulator = await startSimulator({ SIMULATOR_API_KEY: API_KEY });
    open.push({ close: () => simulator.stop() });
    const upstream = createUpstream({ ...SETTINGS, baseUrl: `${simulator.origin}/v1`, apiKey: API_KEY });
    open.push(upstream);

    const submitted = await upstream.submit(
      { ...JOB, seconds: 4, model: 'sora-2' },
      { submissionId: 'sub_1' },
    );
    if (submitted.kind !== 'accepted') throw new Error(`Not accepted: ${JSON.stringify(submitted)}`);
    const { handle } = submitted;
    expect(submitted.snapshot.visible).toMatchObject({ seconds: '4', size: JOB.size, prompt: JOB.prompt });

    const video = await vi.waitFor(async () => {
      const seen = await upstream.poll(handle);
      if (seen.kind !== 'seen') throw new Error(`Not seen: ${JSON.stringify(seen)}`);
      expect(seen.video.state).toBe('succeeded');
      return seen.video;
    }, 10_000);
    expect(video.expiresAt?.getTime()).toBeGreaterThan(Date.now());
    expect(await walk(upstream)).toEqual([handle.id]);

    const content = await upstream.open(handle, 'video');
    if (content.kind !== 'stream') throw new Error(`No stream: ${JSON.stringify(content)}`);
    const bytes = await buffer(content.body);
    expect(content.contentType).toBe('video/mp4');
    expect(bytes).toHaveLength(content.contentLength ?? -1);
    expect(bytes.subarray(4, 8).toString()).toBe('ftyp');

    expect(await upstream.poll({ id: 'video_absent' })).toEqual({ kind: 'missing' });
    const truth = (await simulator.control('GET', '/truth')) as { totals: { creates: number } };
    expect(truth.totals.creates).toBe(1);
  });
});

/** Ids of everything the account has, page by page. */
async function walk(upstream: ClosableUpstream): Promise<string[]> {
  const videos: UpstreamVideo[] = [];
  let after: string | undefined;
  do {
    const page = await upstream.list({ ...(after !== undefined && { after }) });
    if (page.kind !== 'page') throw new Error(`There is no page but ${JSON.stringify(page)}`);
    videos.push(...page.videos);
    after = page.next;
  } while (after !== undefined);
  return videos.map(({ id }) => id);
}
