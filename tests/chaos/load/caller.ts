/** One caller with one wish, by the official SDK: asks, looks until the end, downloads, deletes, and notes all that it sees. */
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import OpenAI, { toFile } from 'openai';
import type { Intent } from '../auditor/evidence.ts';
import type { Team } from '../stack/stack.ts';
import type { Wish } from './plan.ts';

export interface CallerDeps {
  readonly team: Team;
  readonly client: OpenAI;
  /** A completed video of the same team to make another one from, if there is one yet. */
  sourceFor(teamId: string): string | undefined;
  completed(teamId: string, videoId: string): void;
  /** Aborts when the storm and the time after it are over. */
  readonly over: AbortSignal;
}

export interface Outcome {
  readonly intent: Intent;
  /** What came of the create: `made`, `refused <code>`, or `gave up`. */
  readonly create: string;
  readonly createMs: number;
  /** Requests of the SDK that ended with an error after its own retries. */
  readonly errors: Readonly<Record<string, number>>;
}

const POLL_MS = 1_500;
/** A 1 x 1 PNG. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

export async function callOnce(wish: Wish, deps: CallerDeps): Promise<Outcome> {
  const { client, team, over } = deps;
  const answers: string[] = [];
  const statuses: string[] = [];
  const downloads: string[] = [];
  const errors: Record<string, number> = {};
  let deleted = false;
  const startedAt = performance.now();

  const note = (error: unknown): string => {
    const name =
      error instanceof OpenAI.APIError
        ? [error.status ?? 'connection', error.code ?? ''].join(' ').trim()
        : String(error);
    errors[name] = (errors[name] ?? 0) + 1;
    return name;
  };
  const see = (video: OpenAI.Video) => {
    if (statuses.at(-1) !== video.status) statuses.push(video.status);
    if (video.status === 'completed') deps.completed(team.teamId, video.id);
  };

  const source = wish.operation.startsWith('create') ? undefined : deps.sourceFor(team.teamId);
  const headers = wish.withKey ? { 'Idempotency-Key': `wish-${wish.no}` } : {};
  let create = 'gave up';
  // With a key one may ask again for as long as it takes. Without one, it is the SDK that asks again, and then nobody.
  for (let attempt = 0; attempt < (wish.withKey ? 60 : 1); attempt++) {
    try {
      const video = await ask(client, wish, source, { headers });
      answers.push(video.id);
      see(video);
      create = 'made';
      break;
    } catch (error) {
      note(error);
      if (error instanceof OpenAI.APIError && isFinal(error)) {
        create = `refused ${error.code ?? error.status}`;
        break;
      }
      if (over.aborted) break;
      await wait(500 + 100 * attempt);
    }
  }
  const createMs = performance.now() - startedAt;

  const [id] = answers;
  if (id !== undefined) {
    const remove = async () => {
      deleted = true;
      await until(over, note, () => client.videos.delete(id));
    };
    if (wish.deleted === 'at once') await remove();
    let looks = 0;
    while (!deleted && !over.aborted) {
      await wait(POLL_MS);
      const video = await client.videos.retrieve(id).catch((error: unknown) => void note(error));
      if (video) see(video);
      if (video?.status === 'completed' || video?.status === 'failed') break;
      if (wish.deleted === 'under way' && ++looks > 1) await remove();
    }
    if (!deleted && wish.downloaded && statuses.at(-1) === 'completed') {
      await until(over, note, async () => {
        const bytes = await (await client.videos.downloadContent(id)).bytes();
        downloads.push(createHash('sha256').update(bytes).digest('hex'));
      });
    }
    if (!deleted && wish.deleted === 'at the end') await remove();
  }
  const intent: Intent = {
    no: wish.no,
    teamId: team.teamId,
    promptSha256: createHash('sha256').update(wish.prompt).digest('hex'),
    idempotencyKey: wish.withKey ? `wish-${wish.no}` : null,
    answers,
    statuses,
    downloads,
    deleted,
    finalStatus: null,
  };
  return { intent, create, createMs, errors };
}

async function ask(
  client: OpenAI,
  wish: Wish,
  source: string | undefined,
  options: OpenAI.RequestOptions,
): Promise<OpenAI.Video> {
  const { prompt, seconds } = wish;
  if (source !== undefined) {
    const video = { id: source };
    if (wish.operation === 'remix') return await client.videos.remix(source, { prompt }, options);
    if (wish.operation === 'edit') return await client.videos.edit({ prompt, video }, options);
    return await client.videos.extend({ prompt, seconds, video }, options);
  }
  const picture = wish.operation === 'create with a picture';
  return await client.videos.create(
    {
      model: 'sora-2',
      prompt,
      seconds,
      ...(picture ? { input_reference: await toFile(PICTURE, 'picture.png', { type: 'image/png' }) } : {}),
    },
    options,
  );
}

/** Nothing will change it: what was asked for is refused. */
function isFinal(error: InstanceType<typeof OpenAI.APIError>): boolean {
  const status = error.status as number | undefined;
  if (status === 429)
    return error.code === 'insufficient_quota' || error.code === 'billing_hard_limit_reached';
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 409;
}

/** Tries again until it works, or there is nothing there any more. */
async function until(
  over: AbortSignal,
  note: (error: unknown) => string,
  act: () => Promise<unknown>,
): Promise<void> {
  while (!over.aborted) {
    try {
      await act();
      return;
    } catch (error) {
      if (note(error).startsWith('404')) return;
      await wait(500);
    }
  }
}
