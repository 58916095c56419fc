import type { Readable } from 'node:stream';
import { ApiError, clientGone, tooLarge } from './errors.ts';

export interface BodyLimits {
  readonly maxBytes: number;
  /** From now to the last byte. */
  readonly timeoutMs: number;
}

export interface BodyControl {
  resume(): void;
  /** Ends the reading with this error. */
  abort(error: Error): void;
  /** So many bytes more may come, and so much time may pass from now on. */
  extend(more: { readonly bytes: number; readonly timeoutMs: number }): void;
}

/**
 * Hands the body on piece by piece. `take` returns false to be given no more until `resume` is called. Rejects with 413,
 * 408 or where the client is gone. However it ends, the stream is left paused with its socket intact, so that an answer can
 * still be sent.
 */
export function streamBody(
  body: Readable,
  limits: BodyLimits,
  take: (chunk: Buffer, control: BodyControl) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    let { maxBytes } = limits;
    let timer: NodeJS.Timeout;
    let settled = false;
    const expectWithin = (ms: number) => {
      clearTimeout(timer);
      if (!settled) timer = setTimeout(() => settle(tooSlow()), ms);
    };
    const settle = (error?: Error) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      body.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      // A socket that breaks while nobody listens would end the process.
      body.on('error', ignore);
      if (error === undefined) return resolve();
      body.pause();
      reject(error);
    };
    const control: BodyControl = {
      resume: () => body.resume(),
      abort: settle,
      extend(more) {
        maxBytes += more.bytes;
        expectWithin(more.timeoutMs);
      },
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) return settle(tooLarge('The request body', maxBytes));
      try {
        if (!take(chunk, control)) body.pause();
      } catch (error) {
        settle(error instanceof Error ? error : new Error('the body could not be read', { cause: error }));
      }
    };
    const onEnd = () => settle();
    const onGone = () => settle(clientGone());
    expectWithin(limits.timeoutMs);
    if (body.destroyed || body.readableEnded) return onGone();
    body.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}

function ignore(): void {}

function tooSlow(): ApiError {
  return new ApiError(408, 'The request body did not arrive in time.', { code: 'request_timeout' });
}
