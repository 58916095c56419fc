import type { IncomingMessage } from 'node:http';
import type { RequestIdentity } from '@reelgate/core';
import { badRequest } from './errors.ts';
import { headerValues } from './headers.ts';

const PRINTABLE = /^[\x20-\x7e]{1,255}$/;

/**
 * What a create says of itself: a name of the caller's choice, bare or in quotes; which try of its SDK it is; and whether a
 * finished video of the same request would do. Throws 400.
 */
export function requestIdentity(incoming: Pick<IncomingMessage, 'rawHeaders' | 'socket'>): RequestIdentity {
  const keys = headerValues(incoming, 'idempotency-key');
  const retries = headerValues(incoming, 'x-stainless-retry-count');
  const [retry = ''] = retries;
  return {
    idempotencyKey: keys.length === 0 ? null : parseKey(keys),
    retryCount: retries.length === 1 && /^\d{1,2}$/.test(retry) ? Number(retry) : 0,
    receivedAt: performance.now(),
    callerGone: () => incoming.socket.destroyed,
    reuse: headerValues(incoming, 'x-reelgate-reuse').some((value) => value.toLowerCase() === 'true'),
  };
}

function parseKey(values: readonly string[]): string {
  const [value = ''] = values;
  const key = /^"(.*)"$/.exec(value)?.[1] ?? value;
  if (values.length === 1 && PRINTABLE.test(key)) return key;
  throw badRequest(
    'invalid_value',
    "Invalid 'Idempotency-Key': expected one key of 1 to 255 printable ASCII characters.",
    'Idempotency-Key',
  );
}
