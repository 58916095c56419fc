import { badRequest } from './errors.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/heic': 'heic',
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
};

const DECLARED = /^(image|video)\/[\w.+-]{1,64}$/;
/** What a browser would run as a document. */
const DOCUMENT_TYPE = /svg|html|xml/i;
const DOCUMENT = /^\s*<(\?xml|!doctype|!--|svg|html|head|body|script|iframe)/i;

/**
 * The type of a file: what its first bytes say, else what the caller said if that is a picture or a video, else only bytes.
 * Whether it is any good is the upstream's to say. Throws 400 for SVG and HTML, which would be run where they are shown.
 */
export function mediaTypeOf(name: string, head: Buffer, declared: string): string {
  const found = byMagic(head);
  if (found !== null) return found;
  const type = declared.trim().toLowerCase();
  if (DOCUMENT_TYPE.test(type) || DOCUMENT.test(textOf(head))) {
    throw badRequest('invalid_value', `Invalid '${name}': SVG and HTML files are not accepted.`, name);
  }
  return DECLARED.test(type) ? type : 'application/octet-stream';
}

/** A file name made of nothing that the caller wrote. */
export function fileNameOf(field: string, mediaType: string): string {
  return `${field}.${EXTENSIONS[mediaType] ?? 'bin'}`;
}

function byMagic(head: Buffer): string | null {
  const text = head.toString('latin1', 0, 16);
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) return 'image/webp';
  if (!text.startsWith('ftyp', 4)) return null;
  const brand = text.slice(8, 12);
  if (brand === 'qt  ') return 'video/quicktime';
  if (brand === 'avif' || brand === 'avis') return 'image/avif';
  return /^(hei[cfmsx]|hev[cx]|mif1|msf1)$/.test(brand) ? 'image/heic' : 'video/mp4';
}

/** Enough of a text to see how it begins, in the encodings that a browser would guess. */
function textOf(head: Buffer): string {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe)
    return head.subarray(2, 2 + ((head.length - 2) & ~1)).toString('utf16le');
  if (first === 0xfe && second === 0xff) {
    return Buffer.from(head.subarray(2, 2 + ((head.length - 2) & ~1)))
      .swap16()
      .toString('utf16le');
  }
  return head.toString('utf8').replace(/^\uFEFF/, '');
}
