import { createHash } from 'node:crypto';
import { characterSchema, lineageSchema, videoSchema } from '@reelgate/contract';
import OpenAI, { AzureOpenAI, toFile } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { picture } from './forms.ts';
import { newest, truthOf } from './truth.ts';

let stack: Stack;
let team: Team;
let openai: OpenAI;

beforeAll(async () => {
  stack = await startStack();
  await stack.startWorker();
  team = await stack.addTeam();
  openai = new OpenAI({ apiKey: team.secret, baseURL: `${stack.gateway.origin}/v1`, maxRetries: 0 });
});
afterAll(() => stack.close());
beforeEach(() => stack.simulator.control('DELETE', 'rules'));

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
const waiting = { headers: { prefer: 'wait=30' } };

async function finished(prompt = 'a source'): Promise<OpenAI.Video> {
  const video = await openai.videos.create({ prompt, seconds: '4', size: '1280x720' }, waiting);
  expect(video.status).toBe('completed');
  return video;
}
const contentOf = async (id: string) =>
  Buffer.from(await (await openai.videos.downloadContent(id)).arrayBuffer());

describe('the official SDK', () => {
  test('remixes, edits and extends by id; lineage shows the family and what it cost', async () => {
    const source = await finished();
    const upstreamSource = (await newest(stack)).id;

    const remix = await openai.videos.remix(source.id, { prompt: 'at night' }, waiting);
    expect(remix).toMatchObject({ status: 'completed', seconds: '4', size: '1280x720', prompt: 'at night' });
    expect(remix.remixed_from_video_id).toBe(source.id);
    expect(await newest(stack)).toMatchObject({ operation: 'remix', source_video_id: upstreamSource });

    const edit = await openai.videos.edit({ prompt: 'in rain', video: { id: source.id } }, waiting);
    expect(edit).toMatchObject({ status: 'completed', seconds: '4', remixed_from_video_id: null });
    expect(await newest(stack)).toMatchObject({ operation: 'edit', source_video_id: upstreamSource });
    const upstreamEdit = (await newest(stack)).id;

    const longer = await openai.videos.extend(
      { prompt: 'on', seconds: '8', video: { id: edit.id } },
      waiting,
    );
    expect(longer).toMatchObject({ status: 'completed', seconds: '12' });
    expect(await newest(stack)).toMatchObject({
      operation: 'extend',
      seconds: '12',
      source_video_id: upstreamEdit,
    });
    expect(videoSchema.parse(longer)).toEqual(JSON.parse(JSON.stringify(longer)));

    const { json } = await stack.ask(team, 'GET', `/v1/videos/${edit.id}/lineage`);
    expect(lineageSchema.parse(json)).toEqual(json);
    expect(json).toMatchObject({
      video_id: edit.id,
      ancestors: [
        { id: source.id, parent_id: null, operation: 'create', status: 'completed', distance: -1 },
        { id: edit.id, parent_id: source.id, operation: 'edit', distance: 0 },
      ],
      descendants: [{ id: longer.id, operation: 'extend', cost_micro_usd: 800_000, distance: 1 }],
      truncated: false,
      total_cost_micro_usd: 1_600_000,
    });
  });

  test('edits and extends a file, which arrives as it was and is paid for by its own length', async () => {
    const source = await finished();
    const content = await contentOf(source.id);
    const upload = () => toFile(content, '../../clip.html', { type: 'text/html' });

    const edit = await openai.videos.edit({ prompt: 'in rain', video: await upload() }, waiting);
    expect(edit).toMatchObject({ status: 'completed', seconds: '4', size: '1280x720', model: 'sora-2' });
    const given = { sha256: sha256(content), bytes: content.length, contentType: 'video/mp4' };
    expect((await newest(stack)).source_file).toMatchObject({ ...given, filename: 'video.mp4' });

    const longer = await openai.videos.extend({ prompt: 'on', seconds: '4', video: await upload() }, waiting);
    expect(longer).toMatchObject({ status: 'completed', seconds: '8' });
    expect((await newest(stack)).source_file).toMatchObject(given);
    expect((await stack.ask(team, 'GET', `/v1/videos/${longer.id}/lineage`)).json.total_cost_micro_usd).toBe(
      400_000,
    );
  });

  test('starts from a picture: a file, a data URL, a URL', async () => {
    const png = Buffer.concat([picture(), Buffer.alloc(100_000, 7)]);
    const asFile = { sha256: sha256(png), bytes: png.length, contentType: 'image/png' };

    await openai.videos.create({ prompt: 'a', input_reference: await toFile(png, 'a.bin') });
    expect((await newest(stack)).input_reference).toMatchObject({
      ...asFile,
      filename: 'input_reference.png',
    });

    const dataUrl = `data:image/jpeg;base64,${png.toString('base64')}`;
    await openai.videos.create({ prompt: 'b', input_reference: { image_url: dataUrl } });
    expect((await newest(stack)).input_reference).toMatchObject(asFile);

    await openai.post('/videos', { body: { prompt: 'c', input_reference: { image_url: dataUrl } } });
    expect((await newest(stack)).input_reference).toMatchObject(asFile);

    await openai.videos.create({ prompt: 'd', input_reference: { image_url: 'https://example.com/a.png' } });
    expect((await newest(stack)).input_reference).toMatchObject({ image_url: 'https://example.com/a.png' });
  });

  test('makes a character, looks at it, and puts it into a video', async () => {
    const content = await contentOf((await finished()).id);
    const character = await openai.videos.createCharacter({
      name: 'Mossy',
      video: await toFile(content, 'm.mp4'),
    });
    expect(characterSchema.parse(character)).toEqual(JSON.parse(JSON.stringify(character)));
    expect(character.name).toBe('Mossy');
    const id = character.id ?? '';
    expect(id).toMatch(/^char_[0-9a-f]{32}$/);
    expect(await openai.videos.getCharacter(id)).toEqual(character);
    const upstream = (await truthOf(stack)).characters.at(-1);
    expect(upstream).toMatchObject({
      name: 'Mossy',
      video: { sha256: sha256(content), contentType: 'video/mp4' },
    });
    expect(upstream?.id).not.toBe(id);

    const body = { prompt: 'Mossy waves', characters: [{ id }] };
    await openai.videos.create(body as OpenAI.VideoCreateParams);
    expect((await newest(stack)).character_ids).toEqual([upstream?.id]);
    await openai.post('/videos', { body: { ...body, prompt: 'again' } });
    expect((await newest(stack)).character_ids).toEqual([upstream?.id]);
    expect((await truthOf(stack)).videos.at(-2)?.character_ids).toEqual([upstream?.id]);
  });

  test('an upload of text is for the upstream to judge, as the SDKs themselves upload', async () => {
    const video = await openai.videos.create({
      prompt: 'x',
      input_reference: await toFile(Buffer.from('Example data'), 'README.md'),
    });
    expect(video.status).toBe('queued');
    expect((await newest(stack)).input_reference).toMatchObject({
      bytes: 12,
      filename: 'input_reference.bin',
      contentType: 'application/octet-stream',
    });
  });
});

test('a picture as bare bytes: the SDK sends each byte as a field, and the answer says how to do it', async () => {
  const bytes = Buffer.alloc(4_096, 7);
  const creating = openai.videos.create({ prompt: 'x', input_reference: bytes as unknown as File });
  await expect(creating).rejects.toMatchObject({
    status: 400,
    code: 'invalid_type',
    param: 'input_reference',
    message: expect.stringContaining('toFile'),
  });
});

test('a base URL without /v1 is told so, and not answered with a page', async () => {
  const lost = new OpenAI({ apiKey: team.secret, baseURL: stack.gateway.origin, maxRetries: 0 });
  const told = { status: 404, message: expect.stringContaining('/v1') };
  await expect(lost.videos.list()).rejects.toMatchObject(told);
  await expect(lost.videos.retrieve('video_1')).rejects.toMatchObject(told);
  await expect(lost.videos.create({ prompt: 'x' })).rejects.toMatchObject(told);
  // Java's SDK names no type that it would take.
  expect((await stack.ask(team, 'GET', '/videos')).status).toBe(404);
  const asBrowser = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };
  const page = await stack.ask(null, 'GET', '/videos', asBrowser);
  expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
});

test('the same under /openai/v1, with the SDK and the key header of Azure', async () => {
  const azure = new AzureOpenAI({
    apiKey: team.secret,
    baseURL: `${stack.gateway.origin}/openai/v1`,
    apiVersion: 'preview',
    maxRetries: 0,
  });
  const video = await azure.videos.create({ prompt: 'from Azure' });
  expect((await azure.videos.retrieve(video.id)).id).toBe(video.id);
  expect((await azure.videos.list({ limit: 1 })).data[0]?.id).toBe(video.id);
  expect(await stack.ask(null, 'GET', '/openai/v1/videos')).toMatchObject({ status: 401 });
});

test('content by redirect, where the operator wants it', async () => {
  const redirecting = await stack.startGateway({ CONTENT_REDIRECT: 'true' });
  const { id } = await finished();
  const path = `/v1/videos/${id}/content`;
  const { origin } = redirecting;
  const answer = await stack.ask(team, 'GET', path, { origin });
  expect(answer).toMatchObject({ status: 302, headers: { 'cache-control': 'private, no-store' } });
  const link = new URL(String(answer.headers.location));
  expect(link.origin).toBe('http://localhost:8080');
  const file = await stack.ask(null, 'GET', `${link.pathname}${link.search}`, { origin });
  expect(sha256(file.bytes)).toBe(sha256((await stack.ask(team, 'GET', path)).bytes));
  expect(file.headers['content-type']).toBe('video/mp4');
  expect(await stack.ask(team, 'HEAD', path, { origin })).toMatchObject({ status: 200 });
  expect(await stack.ask(await stack.addTeam(), 'GET', path, { origin })).toMatchObject({ status: 404 });
});
