/** Webhooks that the gateway has really sent, as they came and spoiled, and what an SDK has to say of each. */
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import OpenAI from 'openai';
import type { SignedWebhook } from './inputs.ts';
import type { Target } from './operations.ts';
import type { Sdk } from './toolchains.ts';

export interface WebhookCase extends SignedWebhook {
  readonly about: string;
  readonly secret: string;
  /** What must come out: `refused`, or what was accepted. */
  readonly expected: string;
}

const PATIENCE_MS = 60_000;
const TOO_OLD_SECONDS = 600;

/** Registers an endpoint, has the gateway deliver to it before, during and after rotations, and spoils copies of what came. */
export async function gatherWebhooks({ baseURL, apiKey }: Target): Promise<readonly WebhookCase[]> {
  const client = new OpenAI({ baseURL, apiKey });
  const received: SignedWebhook[] = [];
  const server = createServer(async (request, response) => {
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
    received.push({ headers: Object.fromEntries(headers), body: await text(request) });
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const delivered = async () => {
    const { id } = await client.videos.create({ prompt: 'Tell me when it is done' });
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      const found = received.find(({ body }) => body.includes(id));
      if (found) return { ...found, accepted: `accepted video.completed ${id}` };
      await setTimeout(50);
    }
    throw new Error(`No webhook about ${id} came within a minute`);
  };
  try {
    const { id, signing_secret: first } = await client.webhooks.create({
      name: 'conformance',
      url,
      event_types: ['video.completed'],
    });
    const rotate = async (keepOld: boolean) =>
      (await client.webhooks.rotateSecret(id, { keep_old_secret_active_for_24_hours: keepOld }))
        .signing_secret;
    const before = await delivered();
    const second = await rotate(true);
    const during = await delivered();
    const third = await rotate(false);
    const after = await delivered();
    await client.webhooks.delete(id);
    const foreign = `whsec_${randomBytes(32).toString('base64')}`;
    const refused = 'refused';
    return [
      { about: 'as it came', ...before, secret: first, expected: before.accepted },
      ...spoiled(before, first).map((one) => ({ ...one, secret: first, expected: refused })),
      { about: 'another secret', ...before, secret: foreign, expected: refused },
      { about: 'rotated: the old secret', ...during, secret: first, expected: during.accepted },
      { about: 'rotated: the new secret', ...during, secret: second, expected: during.accepted },
      { about: 'rotated: another secret', ...during, secret: foreign, expected: refused },
      { about: 'emergency: the new secret', ...after, secret: third, expected: after.accepted },
      { about: 'emergency: the first secret', ...after, secret: first, expected: refused },
      { about: 'emergency: the second secret', ...after, secret: second, expected: refused },
    ];
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function spoiled({ headers, body }: SignedWebhook, secret: string) {
  const places = [0, body.indexOf('video_') + 8, body.length - 1];
  const changed = places.map((at) => ({
    about: `byte ${at} changed`,
    headers,
    body: `${body.slice(0, at)}${body[at] === 'x' ? 'y' : 'x'}${body.slice(at + 1)}`,
  }));
  const id = headers['webhook-id'] ?? '';
  const signedAt = (about: string, offsetSeconds: number) => {
    const timestamp = String(Math.floor(Date.now() / 1000) + offsetSeconds);
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    const signed = { 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
    return { about, body, headers: { ...headers, ...signed } };
  };
  return [
    ...changed,
    { about: 'another id', body, headers: { ...headers, 'webhook-id': `${id}x` } },
    signedAt('signed too long ago', -TOO_OLD_SECONDS),
    signedAt('signed in the future', TOO_OLD_SECONDS),
  ];
}

/** Resolves to what the SDK says otherwise than it must, in words. */
export async function judgeWebhooks(
  sdk: Sdk,
  target: Target,
  cases: readonly WebhookCase[],
): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'reelgate-webhooks-'));
  try {
    const file = join(directory, 'webhooks.json');
    await writeFile(file, JSON.stringify(cases));
    const environment = { BASE_URL: target.baseURL, API_KEY: target.apiKey, WEBHOOKS: file };
    const verdicts = (await sdk.run('webhooks', environment)) as string[];
    return cases.flatMap(({ about, expected }, index) =>
      verdicts[index] === expected ? [] : [`${about}: ${verdicts[index]} instead of ${expected}`],
    );
  } finally {
    await rm(directory, { recursive: true });
  }
}
