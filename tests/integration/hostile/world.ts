import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, vi } from 'vitest';
import { type DatabaseProxy, startDatabaseProxy } from '../gateway/database-proxy.ts';
import {
  type Answer,
  type AskOptions,
  askRaw,
  costQuota,
  type RawAnswer,
  type Stack,
  startStack,
  type Team,
} from '../gateway/gateway-process.ts';
import { png } from './media-files.ts';

/** What the hostile inputs are thrown at: a gateway with a worker, Postgres, files and the simulator. */
export interface World {
  readonly stack: Stack;
  readonly proxy: DatabaseProxy;
  /** Who sends, with a completed video and a quota that would show a reservation. */
  readonly team: Team;
  readonly videoId: string;
  /** The content of that video. */
  readonly film: Buffer;
  readonly characterId: string;
  readonly fileId: string;
  /** Another team with nothing of its own. */
  readonly stranger: Team;
  /** Of a key that is well-formed, and that nobody has any more. */
  readonly forgottenSecret: string;
  /** Part of every prompt; must never be seen in a log. */
  readonly canary: string;
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>;
  post(path: string, json: unknown): Promise<Answer>;
  /** Sends bytes as they are. */
  raw(data: string | Buffer, until?: (text: string) => boolean): Promise<RawAnswer>;
  memoryBytes(): Promise<number>;
  /** What was asked of the upstream for one of our videos, and what we reserved for it, once it has ended. */
  paid(id: string): Promise<{
    readonly seconds: string;
    readonly chargedMicroUsd: number;
    readonly reservedMicroUsd: number;
  }>;
  /** The upstream's own record of one of our videos. */
  sent(id: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** 1,000 US dollars. */
const QUOTA_MICRO_USD = 1_000_000_000n;

export async function startWorld(): Promise<World> {
  const proxy = await startDatabaseProxy();
  const stack = await startStack({
    env: { BODY_TIMEOUT: '1s', TRUSTED_PROXIES: '1' },
    databaseUrl: (url) => proxy.url(url),
  });
  await stack.startWorker();
  const [team, stranger] = [await stack.addTeam(QUOTA_MICRO_USD), await stack.addTeam(QUOTA_MICRO_USD)];
  const { id } = (
    await stack.create(team, { prompt: 'a film of ten megabytes [[sim content_padding_bytes=10000000]]' })
  ).json;
  await ended(stack, team, id);
  const film = (await stack.ask(team, 'GET', `/v1/videos/${id}/content`)).bytes;
  const character = await stack.ask(
    team,
    'POST',
    '/v1/videos/characters',
    form(
      { name: 'name', value: 'Mossy' },
      {
        name: 'video',
        value: film.subarray(0, film.length - 10_000_000),
        filename: 'clip.mp4',
        type: 'video/mp4',
      },
    ),
  );
  expect(character.status, character.text).toBe(200);
  const file = await stack.ask(
    team,
    'POST',
    '/v1/files',
    form(
      { name: 'purpose', value: 'vision' },
      { name: 'file', value: png(720, 1280), filename: 'frame.png', type: 'image/png' },
    ),
  );
  expect(file.status, file.text).toBe(200);
  const forgotten = await stack.addTeam();
  const { $client } = stack.database.db;
  await $client.query('delete from api_keys where id = $1', [forgotten.keyId]);
  const sent = async (videoId: string) => {
    const { rows } = await $client.query('select upstream_id, est_micro::int from videos where id = $1', [
      videoId,
    ]);
    const { upstream_id: upstreamId, est_micro: reservedMicroUsd } = rows[0];
    const truth = (await stack.simulator.truth()).videos.find((video) => video.id === upstreamId);
    const { json } = await stack.ask({ secret: 'any' }, 'GET', `/v1/videos/${upstreamId}`, {
      origin: new URL(stack.simulator.baseUrl).origin,
    });
    return { ...truth, ...json, chargedMicroUsd: truth?.charged_micro_usd, reservedMicroUsd };
  };
  return {
    stack,
    proxy,
    forgottenSecret: forgotten.secret,
    sent,
    async paid(videoId) {
      await ended(stack, team, videoId);
      const { seconds, chargedMicroUsd, reservedMicroUsd } = await sent(videoId);
      return { seconds, chargedMicroUsd, reservedMicroUsd };
    },
    team,
    videoId: id,
    film,
    characterId: character.json.id,
    fileId: file.json.id,
    stranger,
    canary: `canary-${randomBytes(12).toString('hex')}`,
    ask: (method, path, options) => stack.ask(team, method, path, options),
    post: (path, json) => stack.ask(team, 'POST', path, { json }),
    raw: (data, until) => askRaw(stack.gateway.port, data, until),
    async memoryBytes() {
      const status = await readFile(`/proc/${stack.gateway.process.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    },
    async close() {
      await stack.close();
      await proxy.cut();
    },
  };
}

export async function ended(stack: Stack, team: Team, id: string): Promise<'completed' | 'failed'> {
  let status = '';
  await vi.waitUntil(
    async () => {
      status = (await stack.ask(team, 'GET', `/v1/videos/${id}`)).json.status;
      return status === 'completed' || status === 'failed';
    },
    { timeout: 80_000, interval: 50 },
  );
  return status as 'completed' | 'failed';
}

/** What no hostile input may change: videos that anyone can see, money, and what the upstream was asked for. */
export interface Ledger {
  readonly videos: number;
  readonly characters: number;
  readonly microUsd: number;
  readonly creates: number;
}

export async function readLedger({ stack }: World): Promise<Ledger> {
  const { rows } = await stack.database.db.$client.query(
    `select (select count(*)::int from videos where state <> 'refused') as videos,
            (select count(*)::int from characters) as characters,
            (select coalesce(sum(reserved + settled), 0)::float8 from quota_buckets) as spent`,
  );
  const { totals } = await stack.simulator.truth();
  return {
    videos: rows[0].videos,
    characters: rows[0].characters,
    microUsd: rows[0].spent,
    creates: totals.creates,
  };
}

export interface Part {
  readonly name: string;
  readonly value: string | Buffer;
  readonly filename?: string;
  readonly type?: string;
  /** Whole lines, in place of a Content-Disposition made of the rest. */
  readonly head?: string;
}

/** A form, byte for byte as written: names and file names are not escaped. */
export function form(...parts: readonly Part[]): AskOptions & { readonly body: Buffer } {
  const pieces = parts.flatMap(({ name, value, filename, type, head }) => {
    const disposition = `Content-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}`;
    const lines = head ?? (type === undefined ? disposition : `${disposition}\r\nContent-Type: ${type}`);
    return [Buffer.from(`--B\r\n${lines}\r\n\r\n`), Buffer.from(value), Buffer.from('\r\n')];
  });
  return {
    headers: { 'content-type': 'multipart/form-data; boundary=B' },
    body: Buffer.concat([...pieces, Buffer.from('--B--\r\n')]),
  };
}

export { costQuota };
