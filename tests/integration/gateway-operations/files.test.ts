import { createHash, randomBytes } from 'node:crypto';
import { fileListSchema, fileSchema } from '@reelgate/contract';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { file, part, picture, postForm, text } from './forms.ts';
import { environmentFor, expectNothingLeft, IMAGE_MAX, makeSpool, removeSpool } from './spool.ts';
import { makingRequests, newest } from './truth.ts';

const STORAGE_MAX = 12 * 1024 * 1024;
let stack: Stack;
let team: Team;
let stranger: Team;
let spool: string;
let openai: OpenAI;

beforeAll(async () => {
  spool = await makeSpool();
  stack = await startStack({
    env: { ...environmentFor(spool), FILE_STORAGE_MAX_BYTES: String(STORAGE_MAX) },
  });
});
afterAll(async () => {
  await stack.close();
  await removeSpool(spool);
});
beforeEach(async () => {
  [team, stranger] = [await stack.addTeam(), await stack.addTeam()];
  openai = new OpenAI({ apiKey: team.secret, baseURL: `${stack.gateway.origin}/v1`, maxRetries: 0 });
});

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
const frame = () => Buffer.concat([picture(), randomBytes(1_000)]);
const keep = async (name = 'frame.png', content = frame()) =>
  await openai.files.create({ file: await toFile(content, name), purpose: 'vision' });
const post = (...parts: Buffer[]) => postForm(stack, team, '/v1/files', parts);

describe('the official SDK', () => {
  test('keeps a file, looks at it, gets it back, and deletes it', async () => {
    const content = frame();
    const kept = await keep('Erstes Bild 🦁.png', content);
    expect(fileSchema.parse(kept)).toEqual(JSON.parse(JSON.stringify(kept)));
    expect(kept).toMatchObject({
      object: 'file',
      bytes: content.length,
      filename: 'Erstes Bild 🦁.png',
      purpose: 'vision',
      status: 'processed',
    });
    expect(Math.abs(kept.created_at - Date.now() / 1000)).toBeLessThan(60);
    expect(await openai.files.retrieve(kept.id)).toEqual(kept);
    expect(await openai.files.waitForProcessing(kept.id)).toEqual(kept);

    const answer = await openai.files.content(kept.id);
    expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${kept.id}"`);

    expect(await openai.files.delete(kept.id)).toEqual({ id: kept.id, object: 'file', deleted: true });
    for (const ask of [
      () => openai.files.retrieve(kept.id),
      () => openai.files.content(kept.id),
      () => openai.files.delete(kept.id),
    ])
      await expect(ask()).rejects.toMatchObject({ status: 404, code: 'file_not_found', param: 'file_id' });
  });

  test('lists page by page, in both orders, by purpose, and while the pages are deleted', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push((await keep(`${i}.png`)).id);
    const batch = await openai.files.create({ file: await toFile(frame(), 'b.png'), purpose: 'user_data' });

    const page = await openai.files.list({ limit: 2, purpose: 'vision' });
    expect(page.data.map(({ id }) => id)).toEqual([ids[4], ids[3]]);
    expect(page.has_more).toBe(true);
    const { json } = await stack.ask(team, 'GET', '/v1/files?limit=2&order=asc');
    expect(fileListSchema.parse(json)).toEqual(json);
    expect([json.first_id, json.last_id]).toEqual([ids[0], ids[1]]);

    expect((await openai.files.list({ purpose: 'user_data' })).data).toEqual([batch]);
    expect((await stack.ask(team, 'GET', '/v1/files?limit=0')).json).toEqual({
      object: 'list',
      data: [],
      first_id: null,
      last_id: null,
      has_more: true,
    });
    const seen: string[] = [];
    for await (const { id } of openai.files.list({ limit: 2, order: 'asc' })) {
      seen.push(id);
      await openai.files.delete(id);
    }
    expect(seen).toEqual([...ids, batch.id]);
    expect((await openai.files.list()).data).toEqual([]);
  });

  test('lets a file go by itself after a time', async () => {
    const expiring = await openai.files.create({
      file: await toFile(frame(), 'a.png'),
      purpose: 'vision',
      expires_after: { anchor: 'created_at', seconds: 3_600 },
    });
    expect(expiring.expires_at).toBe(expiring.created_at + 3_600);
    await stack.database.db.$client.query(
      "update files set expires_at = clock_timestamp() - interval '1 second' where id = $1",
      [expiring.id],
    );
    await expect(openai.files.retrieve(expiring.id)).rejects.toMatchObject({ status: 404 });
    expect((await openai.files.list()).data).toEqual([]);
  });

  test('starts a video from a file, in a form and in JSON', async () => {
    const content = frame();
    const { id: file_id } = await keep('frame.png', content);
    const expected = { sha256: sha256(content), bytes: content.length, filename: 'input_reference.png' };
    await openai.videos.create({ prompt: 'in a form', input_reference: { file_id } });
    expect((await newest(stack)).input_reference).toMatchObject(expected);
    await openai.post('/videos', { body: { prompt: 'in JSON', input_reference: { file_id } } });
    expect((await newest(stack)).input_reference).toMatchObject(expected);
  });
});

describe('bodies of other SDKs', () => {
  const binary = 'Content-Type: application/octet-stream';

  test('Java: a file without a name', async () => {
    const answer = await post(part(`name="file"\r\n${binary}`, frame()), text('purpose', 'vision'));
    expect(answer).toMatchObject({ status: 200, json: { filename: 'upload' } });
  });

  test('Go: expires_after first, and the file before the purpose', async () => {
    const answer = await post(
      text('expires_after[anchor]', 'created_at'),
      text('expires_after[seconds]', '7200'),
      part(`name="file"; filename="anonymous_file"\r\n${binary}`, frame()),
      text('purpose', 'vision'),
    );
    expect(answer).toMatchObject({ status: 200, json: { filename: 'anonymous_file' } });
    expect(answer.json.expires_at).toBe(answer.json.created_at + 7_200);
  });

  test.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\\\temp\\\\a.png', 'a.png'],
    ['a\u202egnp.exe', 'agnp.exe'],
    ['..', 'upload'],
    ['x'.repeat(2_000), 'x'.repeat(255)],
  ])('a file named %j is shown as %j', async (name, shown) => {
    const answer = await post(
      part(`name="file"; filename="${name}"\r\nContent-Type: image/png`, frame()),
      text('purpose', 'vision'),
    );
    expect(answer).toMatchObject({ status: 200, json: { filename: shown } });
  });
});

describe('refused, and nothing is kept', () => {
  const purpose = text('purpose', 'vision');

  test.each<[string, Buffer[], number, string, string | null]>([
    ['no file', [purpose], 400, 'missing_required_parameter', 'file'],
    ['no purpose', [file('file', frame())], 400, 'missing_required_parameter', 'purpose'],
    ['another purpose', [text('purpose', 'spam'), file('file', frame())], 400, 'invalid_value', 'purpose'],
    ['a text', [purpose, text('file', 'x')], 400, 'invalid_type', 'file'],
    ['nothing in it', [purpose, file('file', '')], 400, 'invalid_value', 'file'],
    ['two files', [purpose, file('file', 'a'), file('file', 'b')], 400, 'duplicate_parameter', 'file'],
    ['a zip', [purpose, file('file', 'PK\x03\x04')], 400, 'unsupported_file_mimetype', 'file'],
    ['a page', [purpose, file('file', '<!doctype html>')], 400, 'unsupported_file_mimetype', 'file'],
    ['another field', [purpose, file('file', frame()), text('x', 'y')], 400, 'unsupported_parameter', 'x'],
    [
      'a picture that is too large',
      [purpose, file('file', Buffer.concat([picture(), Buffer.alloc(IMAGE_MAX)]))],
      413,
      'request_too_large',
      null,
    ],
    [
      'too short a life',
      [
        purpose,
        file('file', frame()),
        text('expires_after[anchor]', 'created_at'),
        text('expires_after[seconds]', '3599'),
      ],
      400,
      'invalid_value',
      'expires_after',
    ],
    [
      'another anchor',
      [
        purpose,
        file('file', frame()),
        text('expires_after[anchor]', 'now'),
        text('expires_after[seconds]', '3600'),
      ],
      400,
      'invalid_value',
      'expires_after',
    ],
  ])('%s', async (_, parts, status, code, param) => {
    const answer = await post(...parts);
    expect(answer, answer.text).toMatchObject({ status, json: { error: { code, param } } });
    expect((await openai.files.list()).data).toEqual([]);
    await expectNothingLeft(stack, spool);
  });

  test('JSON: 415', async () => {
    const answer = await stack.ask(team, 'POST', '/v1/files', { json: { purpose: 'vision' } });
    expect(answer).toMatchObject({ status: 415, json: { error: { code: 'unsupported_content_type' } } });
  });

  test('more than there is room for: 400, and room again after a deletion', async () => {
    const film = Buffer.concat([
      Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0\0\x08moov\0\0\0\0mdat', 'latin1'),
      Buffer.alloc(7 * 1024 * 1024),
    ]);
    const first = await keep('a.mp4', film);
    await expect(keep('b.mp4', film)).rejects.toMatchObject({
      status: 400,
      code: 'file_storage_exceeded',
      message: expect.stringContaining(String(STORAGE_MAX)),
    });
    await openai.files.delete(first.id);
    await keep('b.mp4', film);
  });

  test.each([
    'limit=-1',
    'limit=10001',
    'limit=x',
    'order=up',
    'purpose=spam',
    'after=x',
    'order=asc&order=desc',
  ])('list ?%s: 400', async (query) => {
    expect(await stack.ask(team, 'GET', `/v1/files?${query}`)).toMatchObject({ status: 400 });
  });
});

describe.each(['/v1', '/openai/v1'])('under %s', (base) => {
  test("another team's file is answered as one that never was, and nothing goes upstream", async () => {
    const { id } = await keep();
    const never = `file-${'0'.repeat(32)}`;
    const before = await makingRequests(stack);
    const attempts: ((id: string) => ReturnType<Stack['ask']>)[] = [
      (each) => stack.ask(stranger, 'GET', `${base}/files/${each}`),
      (each) => stack.ask(stranger, 'GET', `${base}/files/${each}/content`),
      (each) => stack.ask(stranger, 'DELETE', `${base}/files/${each}`),
      (each) =>
        stack.ask(stranger, 'POST', `${base}/videos`, {
          json: { prompt: 'x', input_reference: { file_id: each } },
        }),
      (each) =>
        postForm(stack, stranger, `${base}/videos`, [
          text('prompt', 'x'),
          text('input_reference[file_id]', each),
        ]),
    ];
    for (const attempt of attempts) {
      const [theirs, unknown] = [await attempt(id), await attempt(never)];
      expect(theirs).toMatchObject({ status: 404, json: { error: { code: 'file_not_found' } } });
      expect(theirs.text.replaceAll(id, '')).toBe(unknown.text.replaceAll(never, ''));
      expect(Object.keys(theirs.headers).sort()).toEqual(Object.keys(unknown.headers).sort());
    }
    const cursor = await stack.ask(stranger, 'GET', `${base}/files?after=${id}`);
    expect(cursor).toMatchObject({ status: 400, json: { error: { param: 'after' } } });
    expect((await stack.ask(stranger, 'GET', `${base}/files`)).json.data).toEqual([]);
    expect(await makingRequests(stack)).toBe(before);
    expect(await openai.files.retrieve(id)).toMatchObject({ id });
  });
});
