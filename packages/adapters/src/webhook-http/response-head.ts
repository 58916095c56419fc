import type { Readable } from 'node:stream';

/** Bytes of a body that are read at all. */
const READ_BYTES = 16 * 1024;
/** Bytes of a body that are kept. */
const KEPT_BYTES = 4 * 1024;

/**
 * Reads the beginning of a body and drops the rest with its connection. A body that breaks off or stalls yields what
 * came of it: the answer is in the status, which is known by now.
 */
export async function readResponseHead(body: Readable): Promise<string> {
  const kept: Buffer[] = [];
  let read = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (read < KEPT_BYTES) kept.push(chunk.subarray(0, KEPT_BYTES - read));
      read += chunk.length;
      if (read >= READ_BYTES) break;
    }
  } catch {
    // What came before the break is what there is to show.
  }
  return harmless(Buffer.concat(kept));
}

/**
 * A text for people: no control character but tab and line feed, nothing that turns the direction of writing. The
 * character that the cut went through is left out.
 */
function harmless(bytes: Buffer): string {
  return new TextDecoder()
    .decode(bytes, { stream: true })
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{C}\t\n]/gu, '\uFFFD');
}

const KEPT_HEADERS = 50;
const KEPT_VALUE_LENGTH = 500;

/** The headers of an answer for people to read; a cookie is nobody's business. */
export function harmlessHeaders(headers: Readonly<Record<string, string | string[] | undefined>>) {
  const entries = Object.entries(headers).filter(([name]) => name !== 'set-cookie');
  return Object.fromEntries(
    entries
      .slice(0, KEPT_HEADERS)
      .map(([name, value]) => [name, harmless(Buffer.from(String(value).slice(0, KEPT_VALUE_LENGTH)))]),
  );
}

/** Seconds that the receiver asks to be left alone: a number, or a date from which they are counted. */
export function retryAfterSeconds(
  header: string | string[] | undefined,
  now = Date.now(),
): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text);
  // Date.parse takes much that is no HTTP date, such as negative numbers.
  const at = /^[A-Za-z]{3,9}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}
