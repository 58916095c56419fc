import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { askRaw, type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { BOUNDARY, file, form, part, postForm, text } from './forms.ts';
import { makingRequests, newest, truthOf } from './truth.ts';

const IMAGE_MAX = 1024 * 1024;
const VIDEO_MAX = 8 * 1024 * 1024;
let stack: Stack;
let team: Team;
let spool: string;

beforeAll(async () => {
  spool = await mkdtemp(join(tmpdir(), 'reelgate-spool-test-'));
  await writeFile(join(spool, 'reelgate-upload-of-the-dead'), 'left over');
  await writeFile(join(spool, 'not-ours'), 'left alone');
  stack = await startStack({
    env: {
      SPOOL_DIRECTORY: spool,
      IMAGE_MAX_BYTES: String(IMAGE_MAX),
      VIDEO_MAX_BYTES: String(VIDEO_MAX),
    },
  });
  team = await stack.addTeam();
});
afterAll(async () => {
  await stack.close();
  await rm(spool, { recursive: true, force: true });
});
beforeEach(() => stack.simulator.control('POST', 'reset'));

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const post = (path: string, ...parts: Buffer[]) => postForm(stack, team, path, parts);

async function countVideos(): Promise<number> {
  const { rows } = await stack.database.db.$client.query(
    'select count(*)::int from videos where team_id = $1',
    [team.teamId],
  );
  return rows[0].count;
}

/** What the process has open, as far as it is a file: connections come and go. */
async function openFiles(): Promise<string[]> {
  const directory = `/proc/${stack.gateway.process.pid}/fd`;
  const links = await Promise.all(
    (await readdir(directory)).map((fd) => readlink(join(directory, fd)).catch(() => '')),
  );
  return links.filter((link) => link.startsWith('/')).sort();
}

/** Of those, uploads; they have no names any more. */
async function openUploads(): Promise<number> {
  return (await openFiles()).filter((link) => link.startsWith(spool)).length;
}

const nothingLeft = () =>
  vi.waitFor(async () => {
    expect(await openUploads()).toBe(0);
    expect(await readdir(spool)).toEqual(['not-ours']);
  });

test('what a dead process left is gone, and nothing else', async () => {
  expect(await readdir(spool)).toEqual(['not-ours']);
});

describe('bodies of other SDKs', () => {
  const content = randomBytes(70_000);
  const bytes = { sha256: sha256(content), bytes: content.length };
  const binary = 'Content-Type: application/octet-stream';

  test.each([
    [
      'Go: a named file before the fields',
      part(`name="input_reference"; filename="anonymous_file"\r\n${binary}`, content),
    ],
    ['Java: bytes without a name', part(`name="input_reference"\r\n${binary}`, content)],
    [
      '.NET: a name without quotes',
      part(`name=input_reference; filename=a.png\r\nContent-Type: image/png`, content),
    ],
  ])('%s', async (_, sent) => {
    const answer = await post('/v1/videos', sent, text('prompt', 'a kite'), text('seconds', '8'));
    expect(answer).toMatchObject({ status: 200, json: { prompt: 'a kite', seconds: '8' } });
    expect((await newest(stack)).input_reference).toMatchObject(bytes);
  });

  test('.NET: a boundary in quotes', async () => {
    const answer = await stack.ask(team, 'POST', '/v1/videos', {
      body: form(text('prompt', 'x'), file('input_reference', content)),
      headers: { 'content-type': `multipart/form-data; boundary="${BOUNDARY}"` },
    });
    expect(answer.status).toBe(200);
    expect((await newest(stack)).input_reference).toMatchObject(bytes);
  });

  test('Java: ids that are typed as bytes are ids', async () => {
    const answer = await post(
      '/v1/videos/edits',
      part(`name="prompt"\r\nContent-Type: text/plain; charset=utf-8`, 'x'),
      part(`name="video[id]"\r\n${binary}`, `video_${'0'.repeat(32)}`),
    );
    expect(answer).toMatchObject({
      status: 404,
      json: { error: { code: 'video_not_found', param: 'video' } },
    });
  });

  test('a video without a name, to edit and to make a character from', async () => {
    const sent = part(`name="video"\r\n${binary}`, content);
    expect(await post('/v1/videos/edits', sent, text('prompt', 'x'))).toMatchObject({ status: 200 });
    expect((await newest(stack)).source_file).toMatchObject({ ...bytes, filename: 'video.bin' });
    expect(await post('/v1/videos/characters', sent, text('name', 'Mossy'))).toMatchObject({ status: 200 });
    expect((await truthOf(stack)).characters[0]?.video).toMatchObject(bytes);
  });

  test('a file that comes in chunks, without a length', async () => {
    const body = form(text('prompt', 'x'), file('input_reference', content));
    const pieces: Buffer[] = [];
    for (let at = 0; at < body.length; at += 1_000) {
      const piece = body.subarray(at, at + 1_000);
      pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
    }
    const head = `POST /v1/videos HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${team.secret}\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await askRaw(
      stack.gateway.port,
      Buffer.concat([Buffer.from(head), ...pieces, Buffer.from('0\r\n\r\n')]),
    );
    expect(answer.status).toBe(200);
    expect((await newest(stack)).input_reference).toMatchObject(bytes);
  });

  test('remix takes a form', async () => {
    const id = `video_${'0'.repeat(32)}`;
    expect(await post(`/v1/videos/${id}/remix`, text('prompt', 'x'))).toMatchObject({
      status: 404,
      json: { error: { param: 'video_id' } },
    });
  });
});

describe('refused, and nothing is made or left', () => {
  const mp4 = file('video', 'Example data');
  const prompt = text('prompt', 'x');
  const svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>';
  const dataUrl = (length: number, type = 'image/png') =>
    `data:${type};base64,${Buffer.alloc(length, 1).toString('base64')}`;
  const url = (value: string) => text('input_reference[image_url]', value);

  test.each<[string, string, Buffer[], number, string | null, string | null]>([
    [
      'an empty picture',
      '/videos',
      [prompt, file('input_reference', '')],
      400,
      'invalid_value',
      'input_reference',
    ],
    ['an empty video', '/videos/edits', [prompt, file('video', '')], 400, 'invalid_value', 'video'],
    [
      'a picture one byte too large',
      '/videos',
      [prompt, file('input_reference', Buffer.alloc(IMAGE_MAX + 1))],
      413,
      'request_too_large',
      null,
    ],
    [
      'a video one byte too large',
      '/videos/edits',
      [prompt, file('video', Buffer.alloc(VIDEO_MAX + 1))],
      413,
      'request_too_large',
      null,
    ],
    [
      'an SVG',
      '/videos',
      [prompt, file('input_reference', svg, 'image/png')],
      400,
      'invalid_value',
      'input_reference',
    ],
    [
      'a page as a video',
      '/videos/extensions',
      [prompt, text('seconds', '4'), file('video', '<!doctype html>')],
      400,
      'invalid_value',
      'video',
    ],
    [
      'a picture twice',
      '/videos',
      [prompt, file('input_reference', 'a'), file('input_reference', 'b')],
      400,
      'duplicate_parameter',
      'input_reference',
    ],
    [
      'a picture and a URL',
      '/videos',
      [prompt, file('input_reference', 'a'), url('https://example.com/')],
      400,
      'duplicate_parameter',
      'input_reference[image_url]',
    ],
    [
      'a video and an id',
      '/videos/edits',
      [prompt, mp4, text('video[id]', 'video_x')],
      400,
      'duplicate_parameter',
      'video[id]',
    ],
    ['a video in a create', '/videos', [prompt, mp4], 400, 'unsupported_parameter', 'video'],
    [
      'a picture in an edit',
      '/videos/edits',
      [prompt, mp4, file('input_reference', 'x')],
      400,
      'unsupported_parameter',
      'input_reference',
    ],
    [
      'a file in a remix',
      `/videos/video_${'0'.repeat(32)}/remix`,
      [prompt, mp4],
      400,
      'unsupported_parameter',
      'video',
    ],
    [
      'a text as picture',
      '/videos',
      [prompt, text('input_reference', 'https://example.com/')],
      400,
      'invalid_type',
      'input_reference',
    ],
    ['a text as video', '/videos/edits', [prompt, text('video', 'video_x')], 400, 'invalid_type', 'video'],
    ['no video', '/videos/edits', [prompt], 400, 'missing_required_parameter', 'video'],
    ['no length to add', '/videos/extensions', [prompt, mp4], 400, 'missing_required_parameter', 'seconds'],
    ['no prompt', '/videos/edits', [mp4], 400, 'missing_required_parameter', 'prompt'],
    [
      'a size for an edit',
      '/videos/edits',
      [prompt, mp4, text('size', '1280x720')],
      400,
      'unsupported_parameter',
      'size',
    ],
    [
      'an unknown model',
      '/videos/edits',
      [prompt, mp4, text('model', 'sora-9')],
      404,
      'model_not_found',
      'model',
    ],
    [
      'a file of the shared account',
      '/videos',
      [prompt, text('input_reference[file_id]', 'file_1')],
      400,
      'unsupported_parameter',
      'input_reference',
    ],
    [
      'an address of ours',
      '/videos',
      [prompt, url('http://169.254.169.254/')],
      400,
      'invalid_image_url',
      'input_reference',
    ],
    [
      'a data URL of text',
      '/videos',
      [prompt, url(dataUrl(9, 'text/html'))],
      400,
      'invalid_image_url',
      'input_reference',
    ],
    [
      'a data URL of SVG',
      '/videos',
      [prompt, url(dataUrl(9, 'image/svg+xml'))],
      400,
      'invalid_value',
      'input_reference',
    ],
    [
      'a data URL too large',
      '/videos',
      [prompt, url(dataUrl(IMAGE_MAX + 1))],
      413,
      'request_too_large',
      null,
    ],
    [
      'a data URL that is none',
      '/videos',
      [prompt, url('data:image/png;base64,!')],
      400,
      'invalid_image_url',
      'input_reference',
    ],
    ['a character without a name', '/videos/characters', [mp4], 400, 'missing_required_parameter', 'name'],
    [
      'a character with a long name',
      '/videos/characters',
      [mp4, text('name', 'n'.repeat(81))],
      400,
      'string_above_max_length',
      'name',
    ],
    [
      'a character without a video',
      '/videos/characters',
      [text('name', 'Mossy')],
      400,
      'missing_required_parameter',
      'video',
    ],
    [
      'a character by id',
      '/videos/characters',
      [text('name', 'Mossy'), text('video[id]', 'video_x')],
      400,
      'invalid_type',
      'video',
    ],
    [
      'labels of a character',
      '/videos/characters',
      [mp4, text('name', 'M'), text('metadata[a]', 'b')],
      400,
      'unsupported_parameter',
      'metadata',
    ],
  ])('%s', async (_, path, parts, status, code, param) => {
    const before = await countVideos();
    expect(await post(`/v1${path}`, ...parts)).toMatchObject({ status, json: { error: { code, param } } });
    expect([(await countVideos()) - before, await makingRequests(stack)]).toEqual([0, 0]);
    await nothingLeft();
  });

  test.each([
    [
      'a data URL too large',
      { input_reference: { image_url: dataUrl(IMAGE_MAX + 1) } },
      413,
      'request_too_large',
    ],
    [
      'a data URL that is none',
      { input_reference: { image_url: 'data:image/png;base64,!' } },
      400,
      'invalid_image_url',
    ],
    ['a data URL elsewhere', { other: { image_url: dataUrl(10) } }, 400, 'invalid_image_url'],
    [
      'two of them',
      { input_reference: { image_url: dataUrl(10) }, x: { image_url: dataUrl(10) } },
      400,
      'duplicate_parameter',
    ],
    [
      'a large body beside it',
      { input_reference: { image_url: dataUrl(10) }, pad: 'p'.repeat(300_000) },
      413,
      'request_too_large',
    ],
  ])('JSON: %s', async (_, fields, status, code) => {
    const answer = await stack.ask(team, 'POST', '/v1/videos', { json: { prompt: 'x', ...fields } });
    expect(answer).toMatchObject({ status, json: { error: { code } } });
    expect(await makingRequests(stack)).toBe(0);
    await nothingLeft();
  });

  test('JSON with an unfinished data URL', async () => {
    const answer = await stack.ask(team, 'POST', '/v1/videos', {
      body: '{"prompt":"x","input_reference":{"image_url":"data:image/png;base64,AAAA',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer).toMatchObject({ status: 400, json: { error: { code: 'invalid_json' } } });
    await nothingLeft();
  });

  test('a character as JSON', async () => {
    const answer = await stack.ask(team, 'POST', '/v1/videos/characters', { json: { name: 'Mossy' } });
    expect(answer).toMatchObject({ status: 415 });
  });
});

test('files exactly as large as allowed are taken', async () => {
  expect(
    await post('/v1/videos', text('prompt', 'x'), file('input_reference', Buffer.alloc(IMAGE_MAX))),
  ).toMatchObject({
    status: 200,
  });
  const edit = await post('/v1/videos/edits', text('prompt', 'x'), file('video', Buffer.alloc(VIDEO_MAX)));
  expect(edit).toMatchObject({ status: 200 });
  expect((await newest(stack)).source_file?.bytes).toBe(VIDEO_MAX);
  await nothingLeft();
});

describe('who leaves in the middle', () => {
  const body = form(text('prompt', 'cut'), file('video', Buffer.alloc(VIDEO_MAX / 2)));
  const head = (length: number) =>
    `POST /v1/videos/edits HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${team.secret}\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${length}\r\n\r\n`;

  test.each([0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.9999])(
    'after %f of the body: nothing is made or left',
    async (share) => {
      const before = await countVideos();
      const socket = connect(stack.gateway.port, '127.0.0.1');
      socket.write(head(body.length));
      await new Promise<void>((resolve) => {
        socket.write(body.subarray(0, Math.floor(body.length * share)), () => resolve());
      });
      if (share > 0.05) await vi.waitFor(async () => expect(await openUploads()).toBe(1));
      socket.resetAndDestroy();
      await nothingLeft();
      expect([(await countVideos()) - before, await makingRequests(stack)]).toEqual([0, 0]);
    },
  );

  test('an upload lies on disk without a name while it lasts', async () => {
    const socket = connect(stack.gateway.port, '127.0.0.1');
    socket.write(head(body.length));
    socket.write(body.subarray(0, 1_000_000));
    await vi.waitFor(async () => expect(await openUploads()).toBe(1));
    expect(await readdir(spool)).toEqual(['not-ours']);
    socket.destroy();
    await nothingLeft();
  });
});

test('files and memory stay as they are over many uploads, some of them cut or refused', async () => {
  const parts = [text('prompt', 'many'), file('video', Buffer.alloc(VIDEO_MAX))];
  const tooMuch = [text('prompt', 'many'), file('video', Buffer.alloc(VIDEO_MAX + 1))];
  const rss = async () => {
    const status = await readFile(`/proc/${stack.gateway.process.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  };
  const round = async () => {
    await Promise.all([
      ...Array.from({ length: 4 }, () => post('/v1/videos/edits', ...parts)),
      ...Array.from({ length: 4 }, () => post('/v1/videos/edits', ...tooMuch)),
    ]);
    await nothingLeft();
  };
  await round();
  const [files, before] = [await openFiles(), await rss()];
  for (let i = 0; i < 4; i++) await round();
  expect(await openFiles()).toEqual(files);
  // 32 uploads of 8 MiB; a leak of whole files would be 256 MiB.
  expect((await rss()) - before).toBeLessThan(128 * 1024 * 1024);
});
