/** Every operation of the Videos API with the official SDK for Node. Prints one JSON document: what each step came to. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type OpenAI from 'openai';
import { toFile } from 'openai';
import { createClient, environment, untilEnded } from './client.ts';
import { createSteps } from './steps.ts';

const inputs = environment('INPUTS');
const referencePath = join(inputs, 'reference.png');
const sourcePath = join(inputs, 'source.mp4');
const client = createClient();
const { videos } = client;
const { steps, need, see } = createSteps();
const made: string[] = [];

async function make(step: string, act: () => Promise<OpenAI.Video>): Promise<OpenAI.Video> {
  const video = await need(step, act);
  made.push(video.id);
  return video;
}

async function download(id: string, variant?: 'thumbnail' | 'spritesheet') {
  const response = await videos.downloadContent(id, variant === undefined ? {} : { variant });
  const bytes = await response.bytes();
  return {
    bytes: bytes.length,
    content_type: response.headers.get('content-type'),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

const reference = async (name: string) =>
  await toFile(await readFile(referencePath), name, { type: 'image/png' });
const source = async () => await toFile(await readFile(sourcePath), 'source.mp4', { type: 'video/mp4' });

const boat = await make('create', () =>
  videos.create({
    model: 'sora-2',
    prompt: 'A paper boat drifts down a rainy street',
    seconds: '4',
    size: '720x1280',
  }),
);
await see('download before completion', () => download(boat.id));
await make('create with defaults', () => videos.create({ prompt: 'Ein Löwe 🦁 spielt Schach, "leise"' }));
await make('create with a named reference file', async () =>
  videos.create({ prompt: 'The picture comes alive', input_reference: await reference('reference.png') }),
);
await make('create with an unlabelled reference file', () =>
  videos.create({ prompt: 'The picture fades away', input_reference: createReadStream(referencePath) }),
);
await make('create with a reference data URL', async () => {
  const image_url = `data:image/png;base64,${(await readFile(referencePath)).toString('base64')}`;
  return await videos.create({ prompt: 'The picture turns around', input_reference: { image_url } });
});

const kept = await need('upload a file', async () =>
  client.files.create({
    file: await reference('reference.png'),
    purpose: 'vision',
    expires_after: { anchor: 'created_at', seconds: 7200 },
  }),
);
await need('retrieve a file', () => client.files.retrieve(kept.id));
await need('list files', async () => {
  const { data, has_more } = await client.files.list({ limit: 5, order: 'desc', purpose: 'vision' });
  return { data, has_more };
});
await need('download a file', async () => {
  const bytes = await (await client.files.content(kept.id)).bytes();
  return { content: createHash('sha256').update(bytes).digest('hex') };
});
await make('create with a file id', () =>
  videos.create({ prompt: 'The picture remembers', input_reference: { file_id: kept.id } }),
);
await need('delete a file', () => client.files.delete(kept.id));
await see('retrieve a file that is deleted', () => client.files.retrieve(kept.id));

await need('wait until completed', () => untilEnded(client, boat.id));
await need('download the video', () => download(boat.id));
await need('download the thumbnail', () => download(boat.id, 'thumbnail'));
await need('download the spritesheet', () => download(boat.id, 'spritesheet'));

await make('remix', () => videos.remix(boat.id, { prompt: 'The boat is now red' }));
await make('edit by id', () => videos.edit({ prompt: 'Make it snow', video: { id: boat.id } }));
await make('edit by upload', async () =>
  videos.edit({ prompt: 'Make it night', video: await source(), model: 'sora-2' } as OpenAI.VideoEditParams),
);
await make('extend by id', () =>
  videos.extend({ prompt: 'The boat sinks', seconds: '4', video: { id: boat.id } }),
);
await make('extend by upload', async () =>
  videos.extend({
    ...{ prompt: 'The boat lands', seconds: '8', video: await source() },
    model: 'sora-2',
  } as OpenAI.VideoExtendParams),
);
const character = await need('create a character', async () =>
  videos.createCharacter({ name: 'Captain Ada', video: await source() }),
);
await need('get a character', () => videos.getCharacter(character.id ?? ''));
await make('create with a character', () =>
  videos.create({
    prompt: 'Captain Ada waves',
    characters: [{ id: character.id }],
  } as unknown as OpenAI.VideoCreateParams),
);
await need('wait for all the others', () => Promise.all(made.map((id) => untilEnded(client, id))));

const [first = '', last = ''] = [made[0], made.at(-1)];
const page = async (query: OpenAI.VideoListParams) => {
  const { data, has_more, last_id } = await videos.list(query);
  return { data, has_more, last_id };
};
await need('list the newest', () => page({ limit: 3, order: 'desc' }));
await need('list page by page', async () => {
  const pages: string[][] = [];
  for await (const { data } of (await videos.list({ limit: 2, order: 'asc', after: first })).iterPages()) {
    pages.push(data.map(({ id }) => id));
  }
  return pages;
});
await need('list after the last', () => page({ order: 'asc', after: last }));

await need('delete', () => videos.delete(last));
await see('retrieve what is deleted', () => videos.retrieve(last));
await see('download what is deleted', () => download(last));
await see('delete what is deleted', () => videos.delete(last));
await need('list without what is deleted', () => page({ limit: 1 }));

const unknown = 'video_123';
const odd = (params: object) => videos.create({ prompt: 'x', ...params } as OpenAI.VideoCreateParams);
await see('create without a prompt', () =>
  videos.create({ seconds: '4' } as unknown as OpenAI.VideoCreateParams),
);
await see('create with an empty prompt', () => odd({ prompt: '' }));
await see('create with odd seconds', () => odd({ seconds: '5' }));
await see('create with an odd size', () => odd({ size: '100x100' }));
await see('create with an unknown model', () => odd({ model: 'sora-99' }));
await see('create with an unknown character', () => odd({ characters: [{ id: 'char_123' }] }));
await see('list with a limit of 101', () => page({ limit: 101 }));
await see('list in no order', () => page({ order: 'sideways' } as unknown as OpenAI.VideoListParams));
await see('list after what is unknown', () => page({ after: unknown }));
await see('retrieve what is unknown', () => videos.retrieve(unknown));
await see('download what is unknown', () => download(unknown));
await see('download an unknown variant', () => download(first, 'poster' as 'thumbnail'));
await see('delete what is unknown', () => videos.delete(unknown));
await see('remix what is unknown', () => videos.remix(unknown, { prompt: 'x' }));
await see('edit what is unknown', () => videos.edit({ prompt: 'x', video: { id: unknown } }));
await see('extend what is unknown', () =>
  videos.extend({ prompt: 'x', seconds: '4', video: { id: unknown } }),
);
await see('get an unknown character', () => videos.getCharacter('char_123'));
await see('retrieve an unknown file', () => client.files.retrieve('file-123'));
await see('create with an unknown file', () => odd({ input_reference: { file_id: 'file-123' } }));
await see('retrieve with a wrong key', () => createClient('not-the-key').videos.retrieve(first));

interface Webhook {
  readonly headers: Record<string, string>;
  readonly body: string;
}
const { secret, valid, tampered, old } = JSON.parse(
  await readFile(join(inputs, 'webhooks.json'), 'utf8'),
) as Record<'valid' | 'tampered' | 'old', Webhook> & { secret: string };
const unwrap = ({ body, headers }: Webhook) => client.webhooks.unwrap(body, headers, secret);
await need('unwrap a webhook', () => unwrap(valid));
await see('unwrap a tampered webhook', () => unwrap(tampered));
await see('unwrap an old webhook', () => unwrap(old));

console.log(JSON.stringify({ steps }));
