import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** `value` is undefined exactly where `problem` names why nothing could be read. */
export interface JsonBody {
  readonly value: unknown;
  readonly problem?: 'answer_encoded' | 'answer_too_large' | 'answer_cut' | 'answer_not_json';
}

/**
 * Reads a JSON answer of at most `maxBytes` and stops reading where there is more. An encoded body is refused unread: we
 * ask for `identity`, and decoding is where small answers grow. Never throws; the body is always used up or destroyed.
 */
export async function readJson(
  response: { readonly headers: IncomingHttpHeaders; readonly body: Readable },
  maxBytes: number,
): Promise<JsonBody> {
  const { headers, body } = response;
  if (isEncoded(headers)) return discard(body, 'answer_encoded');
  if (Number(headers['content-length']) > maxBytes) return discard(body, 'answer_too_large');

  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) return discard(body, 'answer_too_large');
      chunks.push(chunk);
    }
  } catch {
    return { value: undefined, problem: 'answer_cut' };
  }
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { value: undefined, problem: 'answer_not_json' };
  }
}

export function isEncoded(headers: IncomingHttpHeaders): boolean {
  const encoding = headers['content-encoding'];
  return encoding !== undefined && encoding.trim().toLowerCase() !== 'identity';
}

function discard(body: Readable, problem: NonNullable<JsonBody['problem']>): JsonBody {
  // Destroying a body reports an abort as an error of the stream; it is ours and nobody else's.
  body.on('error', () => {}).destroy();
  return { value: undefined, problem };
}
