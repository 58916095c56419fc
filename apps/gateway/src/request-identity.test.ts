import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { requestIdentity } from './request-identity.ts';
import { preferredWait } from './wait-for-end.ts';

const socket = new Socket();
const of = (...rawHeaders: string[]) => {
  const { callerGone, receivedAt, ...said } = requestIdentity({ rawHeaders, socket });
  return said;
};

test.each([
  ['order-1042', 'order-1042'],
  ['"order-1042"', 'order-1042'],
  ['a b', 'a b'],
  ['"', '"'],
  ['x'.repeat(255), 'x'.repeat(255)],
])('the key %j', (given, key) => {
  expect(of('Idempotency-Key', given)).toEqual({ idempotencyKey: key, retryCount: 0, reuse: false });
});

test.each(['', '""', 'x'.repeat(256), 'ä', 'a\tb', 'a\x7f'])('the key %j: 400', (given) => {
  expect(() => of('idempotency-key', given)).toThrow(
    expect.objectContaining({ status: 400, param: 'Idempotency-Key' }),
  );
});

test('two keys: 400', () => {
  expect(() => of('Idempotency-Key', 'a', 'idempotency-key', 'a')).toThrow(
    expect.objectContaining({ status: 400 }),
  );
});

test.each([
  ['0', 0],
  ['1', 1],
  ['02', 2],
  ['99', 99],
  ['100', 0],
  ['-1', 0],
  ['1.5', 0],
  ['NaN', 0],
  ['٢', 0],
  ['', 0],
])('the retry count %j is %i', (given, retryCount) => {
  expect(of('X-Stainless-Retry-Count', given)).toMatchObject({ idempotencyKey: null, retryCount });
});

test('nothing said is a first try; two counts are none', () => {
  expect(of()).toEqual({ idempotencyKey: null, retryCount: 0, reuse: false });
  expect(of('x-stainless-retry-count', '1', 'x-stainless-retry-count', '2').retryCount).toBe(0);
});

test.each([
  ['wait=5', 5],
  ['respond-async, wait=10', 10],
  ['Wait = "7"; foo=bar', 7],
  ['wait=0', 0],
  ['wait=3600', 60],
  ['wait=-1', null],
  ['wait=1.5', null],
  ['wait', null],
  ['await=5', null],
  ['', null],
  [undefined, null],
])('Prefer: %s waits %s seconds', (header, seconds) => expect(preferredWait(header)).toBe(seconds));

test.each([
  ['true', true],
  ['True', true],
  ['false', false],
  ['1', false],
])('the wish for reuse %j is %j', (given, reuse) => {
  expect(of('x-reelgate-reuse', given)).toMatchObject({ reuse });
});

test('knows when the caller has hung up', () => {
  const connection = new Socket();
  const { callerGone } = requestIdentity({ rawHeaders: [], socket: connection });
  expect(callerGone?.()).toBe(false);
  connection.destroy();
  expect(callerGone?.()).toBe(true);
});
