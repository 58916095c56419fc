/** The fields that can be files: of a video's request, and of a file to keep. */
export type FileField = 'input_reference' | 'video' | 'file';

const DECLARED = /^(image|video)\/[\w.+-]{1,64}$/;
/** What a browser would run as a document. */
const DOCUMENT_TYPE = /svg|html|xml/i;

/** Files that begin like this are surely neither pictures nor videos. */
const OTHER_KINDS: readonly (readonly [start: string, type: string])[] = [
  ['PK\x03\x04', 'application/zip'],
  ['PK\x05\x06', 'application/zip'],
  ['PK\x07\x08', 'application/zip'],
  ['Rar!\x1a\x07', 'application/vnd.rar'],
  ['7z\xbc\xaf\x27\x1c', 'application/x-7z-compressed'],
  ['\x1f\x8b', 'application/gzip'],
  ['BZh', 'application/x-bzip2'],
  ['\xfd7zXZ\0', 'application/x-xz'],
  ['\x28\xb5\x2f\xfd', 'application/zstd'],
  ['\x7fELF', 'application/x-executable'],
  ['MZ', 'application/x-msdownload'],
  ['\xfe\xed\xfa\xce', 'application/x-mach-binary'],
  ['\xfe\xed\xfa\xcf', 'application/x-mach-binary'],
  ['\xce\xfa\xed\xfe', 'application/x-mach-binary'],
  ['\xcf\xfa\xed\xfe', 'application/x-mach-binary'],
  ['\xca\xfe\xba\xbe', 'application/x-mach-binary'],
  ['\0asm', 'application/wasm'],
  ['#!', 'text/x-shellscript'],
  ['SQLite format 3\0', 'application/vnd.sqlite3'],
  ['{\\rtf', 'application/rtf'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'application/x-ole-storage'],
  ['ID3', 'audio/mpeg'],
  ['OggS', 'audio/ogg'],
  ['fLaC', 'audio/flac'],
];
/** Readers of PDF look for this anywhere near the beginning, so it makes a PDF of whatever stands before it. */
const PDF = '%PDF-';
const SVG = /<svg[\s>]/i;
const HTML = /^\s*<(!doctype|!--|html|head|body|script|iframe)/i;
const XML = /^\s*<(\?xml|svg[\s>])/i;

/** What the first bytes of a file say that it is; null where they tell nothing. */
export function typeByMagic(head: Buffer): string | null {
  const text = head.toString('latin1');
  if (text.includes(PDF)) return 'application/pdf';
  const document = documentType(textOf(head));
  if (document !== null) return document;
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^GIF8[79]a/.test(text)) return 'image/gif';
  if (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) return 'image/webp';
  if (text.startsWith('RIFF') && text.startsWith('WAVE', 8)) return 'audio/wav';
  if (text.startsWith('\x1a\x45\xdf\xa3')) return 'video/webm';
  if (text.startsWith('ftyp', 4)) return typeByBrand(text.slice(8, 12));
  return OTHER_KINDS.find(([start]) => text.startsWith(start))?.[1] ?? null;
}

function typeByBrand(brand: string): string {
  if (brand === 'qt  ') return 'video/quicktime';
  if (brand === 'avif' || brand === 'avis') return 'image/avif';
  if (brand === 'M4A ' || brand === 'M4B ') return 'audio/mp4';
  return /^(hei[cfmsx]|hev[cx]|mif1|msf1)$/.test(brand) ? 'image/heic' : 'video/mp4';
}

/**
 * The type of a file: what its first bytes say, else what the caller said if that is a picture or a video, else only bytes:
 * whether those are any good is the upstream's to say.
 */
export function mediaTypeOf(head: Buffer, declared: string): string {
  const found = typeByMagic(head);
  if (found !== null) return found;
  const type = declared.trim().toLowerCase();
  if (DOCUMENT_TYPE.test(type)) return type;
  return DECLARED.test(type) ? type : 'application/octet-stream';
}

/** Whether a field takes files of this type. A picture to start from may be a video, as with the original. */
export function takesType(field: FileField, type: string): boolean {
  if (DOCUMENT_TYPE.test(type)) return false;
  if (type === 'application/octet-stream' || type.startsWith('video/')) return true;
  return type.startsWith('image/') && field !== 'video';
}

function documentType(text: string): string | null {
  if (HTML.test(text)) return 'text/html';
  if (!XML.test(text)) return null;
  return SVG.test(text) ? 'image/svg+xml' : 'application/xml';
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
