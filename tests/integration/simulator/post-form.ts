/** One part of a form, spelled out: clients differ in what they say about the same bytes. */
export interface Part {
  readonly head: string;
  readonly content: Uint8Array;
}

/** A text as the Java SDK sends it. */
export function textPart(name: string, text: string): Part {
  const type = 'Content-Type: text/plain; charset=utf-8';
  return { head: `Content-Disposition: form-data; name="${name}"\r\n${type}`, content: Buffer.from(text) };
}

/** Bytes as the Java and Go SDKs send them: labelled as nothing in particular, and Java's without a file name. */
export function binaryPart(name: string, content: string | Uint8Array, filename?: string): Part {
  const called = filename === undefined ? '' : `; filename="${filename}"`;
  const head = `Content-Disposition: form-data; name="${name}"${called}\r\nContent-Type: application/octet-stream`;
  return { head, content: Buffer.from(content) };
}

export async function postForm(url: string, parts: readonly Part[]): Promise<Response> {
  const boundary = 'c0ffee-5a1ad';
  const body = parts.flatMap(({ head, content }) => [
    Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`),
    content,
    Buffer.from('\r\n'),
  ]);
  return await fetch(url, {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` },
    body: Buffer.concat([...body, Buffer.from(`--${boundary}--\r\n`)]),
  });
}
