import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';

/** Ends the exchange without an answer. To hang is to do nothing: the caller waits until it gives up. */
export function breakOff({ incoming }: HttpBindings, how: 'rst' | 'fin' | 'hang'): Response {
  if (how === 'rst') incoming.socket.resetAndDestroy();
  if (how === 'fin') incoming.socket.end();
  return RESPONSE_ALREADY_SENT;
}

/** Promises a whole JSON body, sends its beginning, and closes the connection. */
export function cutJson(
  { outgoing }: HttpBindings,
  headers: Record<string, string>,
  body: unknown,
  at: number,
) {
  const bytes = Buffer.from(JSON.stringify(body));
  outgoing.writeHead(200, {
    ...headers,
    'content-type': 'application/json',
    'content-length': bytes.length,
  });
  outgoing.write(bytes.subarray(0, Math.min(at, bytes.length - 1)));
  outgoing.socket?.destroySoon();
  return RESPONSE_ALREADY_SENT;
}

export interface SendBodyOptions {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly lengthBytes: number;
  readonly source: AsyncIterable<Uint8Array>;
  /** Close the connection after so many bytes of this answer. */
  readonly cutAt?: number | undefined;
  /** Announce no length and no chunks: the body ends where the connection does, so a cut looks like an end. */
  readonly lengthless?: boolean | undefined;
  readonly bytesPerSecond?: number | undefined;
  /** Told at the end, or when the caller went away. */
  onEnd(sentBytes: number, how: 'answered' | 'cut' | 'aborted'): void;
}

/** Streams a body, or less than one. */
export async function sendBody({ outgoing }: HttpBindings, options: SendBodyOptions): Promise<Response> {
  const { status, headers, lengthBytes, cutAt = Number.POSITIVE_INFINITY } = options;
  const isCut = cutAt < lengthBytes;
  if (options.lengthless) {
    outgoing.useChunkedEncodingByDefault = false;
    outgoing.shouldKeepAlive = false;
    outgoing.writeHead(status, headers);
  } else {
    outgoing.writeHead(status, { ...headers, 'content-length': lengthBytes });
  }
  let sent = 0;
  async function* limited() {
    for await (const chunk of throttle(options.source, options.bytesPerSecond)) {
      const part = chunk.subarray(0, Math.max(0, cutAt - sent));
      if (part.length > 0) yield part;
      sent += part.length;
      if (sent >= cutAt) return;
    }
  }
  try {
    outgoing.flushHeaders();
    await pipeline(limited, outgoing, { end: false });
    if (isCut) outgoing.socket?.destroySoon();
    else outgoing.end();
    options.onEnd(sent, isCut ? 'cut' : 'answered');
  } catch {
    outgoing.destroy();
    options.onEnd(sent, 'aborted');
  }
  return RESPONSE_ALREADY_SENT;
}

const STEPS_PER_SECOND = 20;

async function* throttle(source: AsyncIterable<Uint8Array>, bytesPerSecond: number | undefined) {
  if (bytesPerSecond === undefined) {
    yield* source;
    return;
  }
  const step = Math.max(1, Math.floor(bytesPerSecond / STEPS_PER_SECOND));
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += step) {
      const part = chunk.subarray(at, at + step);
      yield part;
      await setTimeout((part.length * 1000) / bytesPerSecond);
    }
  }
}
