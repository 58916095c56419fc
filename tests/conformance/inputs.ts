import { createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { crc32, deflateSync } from 'node:zlib';
import OpenAI from 'openai';

/** A picture of exactly the default size, as a reference must be, and a short video, in a folder of their own. */
export async function makeInputs(upstream: { baseURL: string; apiKey: string }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'reelgate-conformance-inputs-'));
  await writeFile(join(directory, 'reference.png'), gradient(720, 1280));
  await writeFile(join(directory, 'source.mp4'), await renderVideo(upstream));
  return directory;
}

async function renderVideo(upstream: { baseURL: string; apiKey: string }): Promise<Uint8Array> {
  const { videos } = new OpenAI(upstream);
  let video = await videos.create({ prompt: 'A source to edit and to extend', seconds: '4' });
  while (video.status !== 'completed') {
    if (video.status === 'failed') throw new Error(`The source video failed: ${video.error?.message}`);
    await setTimeout(100);
    video = await videos.retrieve(video.id);
  }
  return await (await videos.downloadContent(video.id)).bytes();
}

/** A PNG in 8-bit RGB. */
function gradient(width: number, height: number): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (1 + width * 3) + 1 + x * 3;
      rows.set([(x * 255) / width, (y * 255) / height, 128], at);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

export interface SignedWebhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A webhook as it should be, the same with another body, and the same signed an hour ago. */
export async function writeWebhooks(
  directory: string,
  webhook: SignedWebhook & { readonly secret: string },
): Promise<void> {
  const { secret, ...valid } = webhook;
  const id = valid.headers['webhook-id'] ?? '';
  const cases = {
    secret,
    valid,
    tampered: { ...valid, body: valid.body.replace('completed', 'cancelled') },
    old: sign(secret, id, Math.floor(Date.now() / 1000) - 3600, valid.body),
  };
  await writeFile(join(directory, 'webhooks.json'), JSON.stringify(cases));
}

/** What the upstream of our SDKs would send: the gateway's own deliveries must look no different. */
export function writtenWebhook(): SignedWebhook & { readonly secret: string } {
  const now = Math.floor(Date.now() / 1000);
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const data = { id: `video_${randomBytes(24).toString('hex')}` };
  const id = `evt_${randomBytes(16).toString('hex')}`;
  const body = JSON.stringify({ id, object: 'event', created_at: now, type: 'video.completed', data });
  return { secret, ...sign(secret, id, now, body) };
}

/** Standard Webhooks: HMAC-SHA256 over id, time in seconds and body. */
function sign(secret: string, id: string, seconds: number, body: string): SignedWebhook {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': `v1,${signature}`,
    },
  };
}
