/** The example of docs/webhooks.md that needs no SDK, run as it stands against what the gateway signs. */
import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const body = '{"id":"evt_1","object":"event"}';
let directory: string;
let verify: (body: string, headers: Record<string, string>, secret: string, now?: number) => unknown;

beforeAll(async () => {
  const page = await readFile(new URL('../../../docs/webhooks.md', import.meta.url), 'utf8');
  const [, example = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  directory = await mkdtemp(join(tmpdir(), 'reelgate-verification-'));
  const file = join(directory, 'verify.mjs');
  await writeFile(file, example);
  ({ verify } = await import(pathToFileURL(file).href));
});
afterAll(() => rm(directory, { recursive: true }));

function signed(by = secret, seconds = Math.floor(Date.now() / 1_000)): Record<string, string> {
  const key = Buffer.from(by.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`evt_1.${seconds}.${body}`).digest('base64');
  return {
    'webhook-id': 'evt_1',
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')} v1,${signature}`,
  };
}

test('accepts what is signed, also beside another signature, and nothing else', () => {
  expect(verify(body, signed(), secret)).toEqual({ id: 'evt_1', object: 'event' });
  expect(() => verify(body.replace('1', '2'), signed(), secret)).toThrow('not signed');
  expect(() => verify(body, signed(`whsec_${Buffer.alloc(32, 4).toString('base64')}`), secret)).toThrow(
    'not signed',
  );
  expect(() => verify(body, signed(secret, 1_000), secret)).toThrow('too old');
});
