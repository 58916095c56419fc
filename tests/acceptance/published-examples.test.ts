/** Every command of the reference page, run as it stands against the real stack, and its answer held against both contracts. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type OpenAI from 'openai';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { clientOf, connection, contract, untilCompleted } from './shared-stack.ts';

const run = promisify(execFile);

interface Operation {
  readonly operationId: string;
  readonly 'x-codeSamples'?: readonly { readonly source: string }[];
}
type Document = { readonly paths: Record<string, Record<string, Operation>> };

/** In this order, because the last ones end the video that the others are about. */
const LAST = ['deleteWebhookEndpoint', 'cancelVideo', 'deleteVideo', 'deleteFile'];

const receiver = createServer((_request, response) => void response.writeHead(204).end());
let directory: string;
let environment: Record<string, string>;
let operations: { operation: Operation; method: string; path: string }[];

beforeAll(async () => {
  const { baseURL, apiKey } = await connection();
  const origin = new URL(baseURL).origin;
  const document = (await (await fetch(`${origin}/openapi.json`)).json()) as Document;
  operations = Object.entries(document.paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ operation, method, path })),
    )
    .filter(({ operation }) => operation.operationId !== undefined)
    .sort((a, b) => LAST.indexOf(a.operation.operationId) - LAST.indexOf(b.operation.operationId));

  const client = clientOf({ baseURL, apiKey });
  const video = await client.videos.create({ model: 'sora-2', prompt: 'A stage and a piano', seconds: '4' });
  await untilCompleted(client, video.id);
  directory = await mkdtemp(join(tmpdir(), 'reelgate-examples-'));
  const clip = Buffer.from(await (await client.videos.downloadContent(video.id)).arrayBuffer());
  await writeFile(join(directory, 'clip.mp4'), clip);
  const character = await client.videos.createCharacter({
    name: 'Mossy',
    video: new File([clip], 'clip.mp4', { type: 'video/mp4' }),
  });
  // The smallest picture that there is.
  const frame = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNiAAAABgADNjd8qAAAAABJRU5ErkJggg==',
    'base64',
  );
  await writeFile(join(directory, 'frame.png'), frame);
  const file = await client.files.create({
    file: new File([frame], 'frame.png', { type: 'image/png' }),
    purpose: 'vision',
  });
  environment = {
    PATH: process.env.PATH ?? '',
    REELGATE_URL: origin,
    REELGATE_API_KEY: apiKey,
    VIDEO_ID: video.id,
    CHARACTER_ID: character.id ?? '',
    FILE_ID: file.id,
    QUOTA_ID: await limitOfTeam(origin),
    MODEL: 'sora-2',
    ...(await sentWebhook(client)),
  };
}, 60_000);
afterAll(async () => {
  receiver.close();
  await rm(directory, { recursive: true, force: true });
});

test('every operation has an example, and every example does what it says', async () => {
  expect(operations.length).toBeGreaterThanOrEqual(36);
  const checker = await contract();
  for (const { operation, method, path } of operations) {
    const isStream = operation.operationId?.startsWith('stream');
    const source = operation['x-codeSamples']?.[0]?.source;
    expect(source, `${operation.operationId} has no example`).toBeDefined();
    const { stdout } = await run(
      'bash',
      // A stream that does not end by itself is left after a while, which curl calls 28.
      [
        '-euc',
        `${source} -D headers.txt -w '\\n%{http_code} %{url_effective}'${isStream ? ' || [ $? -eq 28 ]' : ''}`,
      ],
      {
        cwd: directory,
        env: environment,
      },
    );
    const at = stdout.lastIndexOf('\n');
    const [status = '', url = ''] = stdout.slice(at + 1).split(' ');
    const body = stdout.slice(0, at);
    // This video is at its end, so there is nothing left to cancel; the refusal is part of the contract as well.
    expect(status, `${operation.operationId}: ${body}`).toBe(
      operation.operationId === 'cancelVideo' ? '400' : '200',
    );
    checker.check({
      method: method.toUpperCase(),
      url,
      status: Number(status),
      headers: headersOf(await readFile(join(directory, 'headers.txt'), 'utf8')),
      ...(path.endsWith('/content') || isStream ? {} : { responseBody: JSON.parse(body) }),
    });
  }
}, 120_000);

/** A limit of the demo team, wide enough for everything here. */
async function limitOfTeam(origin: string): Promise<string> {
  const { adminKey } = await connection();
  const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' };
  const teams = (await (await fetch(`${origin}/admin/v1/teams?q=demo`, { headers })).json()) as {
    data: { id: string }[];
  };
  const body = {
    scope_kind: 'team',
    scope_id: teams.data[0]?.id,
    metric: 'cost',
    window: 'month',
    hard: '1000000000',
  };
  const answer = await fetch(`${origin}/admin/v1/quotas`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { id: string }).id;
}

/** An endpoint that answers, and what was sent to it. */
async function sentWebhook(client: OpenAI) {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const endpoint = await client.webhooks.create({ name: 'Inbox', url, event_types: ['video.completed'] });
  const video = await client.videos.create({ model: 'sora-2', prompt: 'Another stage', seconds: '4' });
  await untilCompleted(client, video.id);
  const list = async (path: string) =>
    (await client.get<{ data: { id: string; state?: string }[] }>(path)).data[0];
  const delivery = await vi.waitUntil(
    async () => {
      const found = await list(`/webhook_endpoints/${endpoint.id}/deliveries`);
      return found?.state === 'delivered' ? found : false;
    },
    { timeout: 20_000, interval: 100 },
  );
  return {
    WEBHOOK_ENDPOINT_ID: endpoint.id,
    DELIVERY_ID: delivery.id,
    EVENT_ID: (await list('/events'))?.id ?? '',
  };
}

/** Of the last answer that curl wrote down. */
function headersOf(text: string): Headers {
  const last =
    text
      .trim()
      .split(/\r?\n\r?\n/)
      .at(-1) ?? '';
  return new Headers(
    last
      .split(/\r?\n/)
      .slice(1)
      .map((line): [string, string] => [
        line.slice(0, line.indexOf(':')),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
  );
}
