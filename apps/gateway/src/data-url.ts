import { badRequest } from './errors.ts';

/** `data:image/png;base64,`, perhaps with parameters, up to the comma. */
const HEADER = /^data:(image\/[\w.+-]{1,64})(?:;[\w-]{1,32}=[\w.-]{1,32}){0,4};base64$/i;
const HEADER_MAX_LENGTH = 256;
const ALPHABET = /^[A-Za-z0-9+/]*$/;

/** Decodes a data URL piece by piece. Throws `invalid_image_url` for any that is not a base64 image. */
export async function openDataUrl(
  content: AsyncIterable<Buffer>,
): Promise<{ mediaType: string; bytes: AsyncIterable<Buffer> }> {
  const pieces = content[Symbol.asyncIterator]();
  let text = '';
  for (let comma = -1; comma < 0; comma = text.indexOf(',')) {
    const next = await pieces.next();
    if (next.done || text.length > HEADER_MAX_LENGTH) throw invalid();
    text += next.value.toString('latin1');
  }
  const comma = text.indexOf(',');
  const mediaType = HEADER.exec(text.slice(0, comma))?.[1];
  if (mediaType === undefined) throw invalid();
  return { mediaType: mediaType.toLowerCase(), bytes: decode(text.slice(comma + 1), pieces) };
}

async function* decode(first: string, pieces: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  let rest = '';
  let padding = '';
  for (let text = first; ; ) {
    const end = text.indexOf('=');
    if (padding !== '' && text !== '' && end !== 0) throw invalid();
    const digits = end < 0 ? text : text.slice(0, end);
    if (!ALPHABET.test(digits)) throw invalid();
    if (end >= 0) padding += text.slice(end);
    if (padding.length > 2 || !/^=*$/.test(padding)) throw invalid();
    const whole = rest + digits;
    const usable = whole.length & ~3;
    if (usable > 0) yield Buffer.from(whole.slice(0, usable), 'base64');
    rest = whole.slice(usable);
    const next = await pieces.next();
    if (next.done) break;
    text = next.value.toString('latin1');
  }
  // Padding may be left out, but not be wrong; one digit alone is no byte.
  if (rest.length === 1 || (padding !== '' && rest.length + padding.length !== 4)) throw invalid();
  if (rest !== '') yield Buffer.from(rest, 'base64');
}

function invalid() {
  return badRequest(
    'invalid_image_url',
    "Invalid 'input_reference.image_url': a data URL must hold an image in base64, such as 'data:image/png;base64,…'.",
    'input_reference',
  );
}
