import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { askRaw, type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { BOUNDARY, file, form, part, postForm, text } from './forms.ts';
import {
  countVideos,
  environmentFor,
  expectNothingLeft,
  IMAGE_MAX,
  makeSpool,
  openFiles,
  openUploads,
  removeSpool,
  VIDEO_MAX,
} from './spool.ts';
import { makingRequests, newest, truthOf } from './truth.ts';

let stack: Stack;
let team: Team;
let spool: string;

beforeAll(async () => {
  spool = await makeSpool();
  stack = await startStack({ env: environmentFor(spool) });
  team = await stack.addTeam();
});
afterAll(async () => {
  await stack.close();
  await removeSpool(spool);
});
beforeEach(() => stack.simulator.control('POST', 'reset'));

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const post = (path: string, ...parts: Buffer[]) => postForm(stack, team, path, parts);
const nothingLeft = () => expectNothingLeft(stack, spool);

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
      const before = await countVideos(stack, team.teamId);
      const socket = connect(stack.gateway.port, '127.0.0.1');
      socket.write(head(body.length));
      await new Promise<void>((resolve) => {
        socket.write(body.subarray(0, Math.floor(body.length * share)), () => resolve());
      });
      if (share > 0.05) await vi.waitFor(async () => expect(await openUploads(stack, spool)).toBe(1), 10_000);
      socket.resetAndDestroy();
      await nothingLeft();
      expect([(await countVideos(stack, team.teamId)) - before, await makingRequests(stack)]).toEqual([0, 0]);
    },
  );

  test('an upload lies on disk without a name while it lasts', async () => {
    const socket = connect(stack.gateway.port, '127.0.0.1');
    socket.write(head(body.length));
    socket.write(body.subarray(0, 1_000_000));
    await vi.waitFor(async () => expect(await openUploads(stack, spool)).toBe(1), 10_000);
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
  const [files, before] = [await openFiles(stack), await rss()];
  for (let i = 0; i < 4; i++) await round();
  expect(await openFiles(stack)).toEqual(files);
  // 32 uploads of 8 MiB; a leak of whole files would be 256 MiB.
  expect((await rss()) - before).toBeLessThan(128 * 1024 * 1024);
});
