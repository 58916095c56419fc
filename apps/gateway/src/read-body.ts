import type { Readable } from 'node:stream';
import { ApiError, clientGone } from './errors.ts';

export interface BodyLimits {
  readonly maxBytes: number;
  /** From now to the last byte. */
  readonly timeoutMs: number;
}

/**
 * Hands the body on piece by piece. `take` returns false to be given no more until `resume` is called. Rejects with 413,
 * 408 or where the client is gone; `abort` ends it early with an error of its own. However it ends, the stream is left
 * paused with its socket intact, so that an answer can still be sent.
 */
export function streamBody(
  body: Readable,
  limits: BodyLimits,
  take: (chunk: Buffer, control: { resume(): void; abort(error: Error): void }) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const settle = (error?: Error) => {
      clearTimeout(timer);
      body.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      // A socket that breaks while nobody listens would end the process.
      body.on('error', ignore);
      if (error === undefined) return resolve();
      body.pause();
      reject(error);
    };
    const control = { resume: () => body.resume(), abort: settle };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limits.maxBytes) return settle(tooLarge(limits.maxBytes));
      try {
        if (!take(chunk, control)) body.pause();
      } catch (error) {
        settle(error instanceof Error ? error : new Error('the body could not be read', { cause: error }));
      }
    };
    const onEnd = () => settle();
    const onGone = () => settle(clientGone());
    const timer = setTimeout(() => settle(tooSlow()), limits.timeoutMs);
    if (body.destroyed || body.readableEnded) return onGone();
    body.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}

/** The whole body, up to `maxBytes`. */
export async function readBody(body: Readable, limits: BodyLimits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await streamBody(body, limits, (chunk) => {
    chunks.push(chunk);
    return true;
  });
  return Buffer.concat(chunks);
}

function ignore(): void {}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError(413, `The request body is larger than ${maxBytes} bytes.`, {
    code: 'request_too_large',
  });
}

function tooSlow(): ApiError {
  return new ApiError(408, 'The request body did not arrive in time.', { code: 'request_timeout' });
}
