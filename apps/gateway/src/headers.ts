import type { IncomingMessage } from 'node:http';

/**
 * Every value of a header as it was sent. Node's own `headers` keeps the first of two `Authorization` lines and says
 * nothing of the second.
 */
export function headerValues(incoming: Pick<IncomingMessage, 'rawHeaders'>, lowerName: string): string[] {
  const { rawHeaders } = incoming;
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === lowerName.length && name.toLowerCase() === lowerName)
      values.push(rawHeaders[i + 1] ?? '');
  }
  return values;
}
