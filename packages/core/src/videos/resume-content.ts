import { Readable } from 'node:stream';
import type { ContentRest, OpenResult } from '../ports/index.ts';

/** How often a body may break off without a byte in between before it is given up. */
const TRIES = 3;

type Stream = Extract<OpenResult, { kind: 'stream' }>;

/**
 * A body that goes on where it broke off, but only where the upstream proves that what it continues with is the same body. Without
 * such a proof it fails as it did, and is fetched again from its beginning.
 */
export function resumeContent(
  first: Stream,
  open: (rest: ContentRest) => Promise<OpenResult>,
  onResumed: (fromByte: number) => void,
): Readable {
  const { contentLength, etag } = first;
  async function* read(): AsyncGenerator<Buffer> {
    let { body } = first;
    let at = 0;
    let brokeOffAt = -1;
    let tries = 0;
    for (;;) {
      try {
        for await (const chunk of body as AsyncIterable<Buffer>) {
          at += chunk.length;
          yield chunk;
        }
        return;
      } catch (error) {
        tries = at === brokeOffAt ? tries + 1 : 1;
        brokeOffAt = at;
        if (etag === undefined || contentLength === undefined || at === 0 || tries > TRIES) throw error;
        const rest = await open({ fromByte: at, etag });
        if (rest.kind !== 'stream') throw error;
        onResumed(at);
        body = rest.body;
      }
    }
  }
  return Readable.from(read(), { objectMode: false });
}
