import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import pg from 'pg';
import { inject, vi } from 'vitest';
import { type ContractChecker, createContractChecker } from '../contract-checker/contract-checker.ts';
import type { Connection } from './stack.ts';

export const { home, readyMs, output } = inject('stack');

/** Read anew each time, because a restarted process has another pid. */
export async function connection(): Promise<Connection> {
  return JSON.parse(await readFile(join(home, 'connection.json'), 'utf8')) as Connection;
}

let checker: Promise<ContractChecker> | undefined;

/** Holds exchanges against the original API as it was published and against the document that the gateway serves. */
export function contract(): Promise<ContractChecker> {
  checker ??= connection().then(({ baseURL }) =>
    createContractChecker({
      yamlPath: new URL('../integration/contract/openai-videos.openapi.yaml', import.meta.url),
      openapiUrl: new URL('/openapi.json', baseURL),
    }),
  );
  return checker;
}

/** The official SDK. Whatever it sends and gets is held against both documents; a violation is the cause of its error. */
export function clientOf({ baseURL, apiKey }: Pick<Connection, 'baseURL' | 'apiKey'>): OpenAI {
  const checked: typeof fetch = async (...request) => (await contract()).checkedFetch()(...request);
  return new OpenAI({ baseURL, apiKey, fetch: checked, maxRetries: 0 });
}

/** The video once it is completed; throws where it fails or takes too long. */
export async function untilCompleted(client: OpenAI, id: string, timeout = 60_000): Promise<OpenAI.Video> {
  const video = await vi.waitUntil(
    async () => {
      const current = await client.videos.retrieve(id);
      return current.status === 'completed' || current.status === 'failed' ? current : false;
    },
    { timeout, interval: 200 },
  );
  if (video.status === 'failed') throw new Error(`${id} failed: ${video.error?.message}`);
  return video;
}

/** The rows that a query gives in the stack's Postgres. */
export async function rows(sql: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: (await connection()).databaseURL });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** What the upstream calls a video of ours. */
export async function upstreamIdOf(id: string): Promise<string> {
  return await vi.waitUntil(
    async () => {
      const [row] = await rows('select upstream_id from videos where id = $1', id);
      return (row?.upstream_id as string | null | undefined) ?? false;
    },
    { timeout: 20_000, interval: 100 },
  );
}
