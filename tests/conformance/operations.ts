import { createHash } from 'node:crypto';
import { normalize, type Step } from './normalize.ts';
import { type TrueVideo, truthOf } from './simulator.ts';
import type { Sdk } from './toolchains.ts';

export interface Target {
  readonly baseURL: string;
  readonly apiKey: string;
  /** Of the upstream behind it; undefined where that is none of ours. */
  readonly controlURL?: string | undefined;
}

/** What an SDK was answered, and what reached the upstream for it; both comparable with another run. */
export interface Run {
  readonly steps: readonly Step[];
  readonly received?: readonly Received[];
}

export type Received = ReturnType<typeof asReceived>;

/** `inputs` is a folder with `reference.png`, `source.mp4` and `webhooks.json`. */
export async function runOperations(sdk: Sdk, target: Target, inputs: string): Promise<Run> {
  const { baseURL, apiKey, controlURL } = target;
  const before = controlURL === undefined ? [] : (await truthOf(controlURL)).videos;
  const environment = { BASE_URL: baseURL, API_KEY: apiKey, INPUTS: inputs };
  const { steps } = (await sdk.run('operations', environment)) as { steps: Step[] };
  assertComplete(sdk, steps);
  if (controlURL === undefined) return { steps: normalize(steps) };
  const known = new Set(before.map(({ id }) => id));
  const videos = (await truthOf(controlURL)).videos.filter(({ id }) => !known.has(id));
  return { steps: normalize(steps, videos), received: videos.map(asReceived) };
}

/**
 * Without the ids, which are others, and without the names and labels of files, which a gateway may mend: what counts is
 * that the same bytes arrived in the same role.
 */
function asReceived(video: TrueVideo) {
  const { operation, model, seconds, size, prompt_sha256, input_reference, source_file } = video;
  return {
    ...{ operation, model, seconds, size, prompt_sha256 },
    input_reference: contentOf(input_reference),
    source_file: contentOf(source_file),
    source_video: video.source_video_id === null ? null : '<a video>',
    characters: (video.character_ids as unknown[]).length,
  };
}

/** A data URL holds a file like any other: an upstream may be given either. */
function contentOf(file: unknown): unknown {
  const { sha256, bytes, image_url: url } = (file ?? {}) as Record<string, unknown>;
  if (typeof url === 'string' && url.startsWith('data:')) {
    const data = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
    return { sha256: createHash('sha256').update(data).digest('hex'), bytes: data.length };
  }
  return sha256 === undefined ? file : { sha256, bytes };
}

/** Each SDK does every step, or it would agree with itself about nothing. */
const expectedSteps = [
  ...['create', 'download before completion', 'create with defaults', 'create with a named reference file'],
  ...['create with an unlabelled reference file', 'create with a reference data URL', 'upload a file'],
  ...['retrieve a file', 'list files', 'download a file', 'create with a file id', 'delete a file'],
  ...['retrieve a file that is deleted', 'wait until completed'],
  ...['download the video', 'download the thumbnail', 'download the spritesheet', 'remix', 'edit by id'],
  ...['edit by upload', 'extend by id', 'extend by upload', 'create a character', 'get a character'],
  ...['create with a character', 'wait for all the others', 'list the newest', 'list page by page'],
  ...['list after the last', 'delete', 'retrieve what is deleted', 'download what is deleted'],
  ...['delete what is deleted', 'list without what is deleted', 'create without a prompt'],
  ...['create with an empty prompt', 'create with odd seconds', 'create with an odd size'],
  ...['create with an unknown model', 'create with an unknown character', 'list with a limit of 101'],
  ...['list in no order', 'list after what is unknown', 'retrieve what is unknown'],
  ...['download what is unknown', 'download an unknown variant', 'delete what is unknown'],
  ...['retrieve an unknown file', 'create with an unknown file'],
  ...['remix what is unknown', 'edit what is unknown', 'extend what is unknown', 'get an unknown character'],
  ...['retrieve with a wrong key', 'unwrap a webhook', 'unwrap a tampered webhook', 'unwrap an old webhook'],
];

function assertComplete(sdk: Sdk, steps: readonly Step[]): void {
  const done = steps.map(({ step }) => step);
  const missing = expectedSteps.filter((step) => !done.includes(step));
  const odd = done.filter((step) => !expectedSteps.includes(step));
  if (missing.length > 0 || odd.length > 0) {
    throw new Error(`${sdk.name} leaves out [${missing.join(', ')}] and does besides [${odd.join(', ')}]`);
  }
}

/** What the steps send, in their order. */
const expectedToReceive = [
  ...['create', 'create', 'create, reference', 'create, reference', 'create, reference'],
  'create, reference',
  ...['remix, video', 'edit, video', 'edit, file', 'extend, video', 'extend, file', 'create, character'],
];

/** Throws where an SDK leaves something out on its own way: then both sides would be equal, and nothing was tried. */
export function assertAllSent(sdk: Sdk, received: readonly Received[]): void {
  const seen = received.map(({ operation, input_reference, source_file, source_video, characters }) =>
    [
      operation,
      ...(input_reference === null ? [] : ['reference']),
      ...(source_file === null ? [] : ['file']),
      ...(source_video === null ? [] : ['video']),
      ...(characters === 0 ? [] : ['character']),
    ].join(', '),
  );
  if (seen.join('; ') !== expectedToReceive.join('; ')) {
    throw new Error(
      `${sdk.name} was to send [${expectedToReceive.join('; ')}] and sent [${seen.join('; ')}]`,
    );
  }
}
