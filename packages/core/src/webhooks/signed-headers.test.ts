import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { signedHeaders } from './signed-headers.ts';
import { newSigningSecret } from './signing-secret.ts';

const [first, second, other] = [newSigningSecret(), newSigningSecret(), newSigningSecret()];
const payload = Buffer.from('{"id":"evt_1","data":{"id":"video_ä"}}');
const verify = (secret: string, body: string, headers: Record<string, string>) => () =>
  new Webhook(secret).verify(body, headers);

test('what is signed is what Standard Webhooks verifies, with each of the living secrets and no other', () => {
  const headers = signedHeaders('evt_1', payload, [second, first], new Date());
  const body = payload.toString();
  for (const secret of [first, second])
    expect(verify(secret, body, headers)()).toMatchObject({ id: 'evt_1' });
  expect(verify(other, body, headers)).toThrow();
});

test('a changed byte, another id and an old time are refused', () => {
  const body = payload.toString();
  const headers = signedHeaders('evt_1', payload, [first], new Date());
  expect(verify(first, body.replace('1', '2'), headers)).toThrow();
  expect(verify(first, body, { ...headers, 'webhook-id': 'evt_2' })).toThrow();
  const old = signedHeaders('evt_1', payload, [first], new Date(Date.now() - 6 * 60_000));
  expect(verify(first, body, old)).toThrow();
});
