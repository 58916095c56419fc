import type { Answer, Stack, Team } from '../gateway/gateway-process.ts';

export const BOUNDARY = 'B0undary';

/** The head of a PNG, which is all that anyone here looks at. */
export function picture(width = 720, height = 1280): Buffer {
  const head = Buffer.from('89504e470d0a1a0a0000000d49484452000000000000000008000000', 'hex');
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head;
}

/** One part; `head` is what stands behind `form-data; `, and further lines. */
export function part(head: string, content: string | Buffer = ''): Buffer {
  return Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
}

export function text(name: string, value: string): Buffer {
  return part(`name="${name}"`, value);
}

export function file(name: string, content: string | Buffer, type = 'application/octet-stream'): Buffer {
  return part(`name="${name}"; filename="README.md"\r\nContent-Type: ${type}`, content);
}

export function form(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

export async function postForm(
  stack: Stack,
  team: Pick<Team, 'secret'>,
  path: string,
  parts: readonly Buffer[],
  headers: Record<string, string> = {},
): Promise<Answer> {
  return await stack.ask(team, 'POST', path, {
    body: form(...parts),
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}`, ...headers },
  });
}
