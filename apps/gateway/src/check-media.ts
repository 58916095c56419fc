import { mp4Damage } from '@reelgate/core';
import { type ApiError, badRequest } from './errors.ts';
import { type FileField, mediaTypeOf, takesType, typeByMagic } from './media-type.ts';
import { pictureSize } from './picture-size.ts';
import type { SpooledFile } from './spool.ts';

/** More than any video has, by far; a picture of this size decodes to 200 MB. */
const MAX_PIXELS = 50_000_000;

const FORMATS: Readonly<Record<FileField, string>> = {
  input_reference: 'image/jpeg, image/png, image/webp, video/mp4',
  video: 'video/mp4',
  file: 'image/jpeg, image/png, image/webp, video/mp4',
};

/**
 * Refuses what no upstream can want: a file that is recognizably of another kind, a picture that says it is enormous, a picture
 * or video without a readable head. Bytes that tell nothing of themselves go on. Throws 400.
 */
export async function checkMedia(field: FileField, file: SpooledFile): Promise<void> {
  const type = mediaTypeOf(file.head, file.declaredType);
  if (!takesType(field, type)) {
    throw badRequest(
      'unsupported_file_mimetype',
      `Invalid file '${field}': unsupported mimetype ('${type}'). Supported file formats are ${FORMATS[field]}.`,
      field,
    );
  }
  // A type that is only claimed binds nobody.
  const known = typeByMagic(file.head);
  if (known === null) return;
  const read = (offset: number, length: number) => file.read(offset, length);
  if (known === 'video/mp4' || known === 'video/quicktime') {
    const damage = await mp4Damage(read, file.bytes);
    if (damage !== null) throw damaged(field, `the video ${damage}`);
  }
  const size = await pictureSize(known, read);
  if (size === null) throw damaged(field, 'the picture does not say how large it is');
  if (size === undefined) return;
  const { width, height } = size;
  if (width === 0 || height === 0) throw damaged(field, 'the picture says that it is empty');
  if (width * height > MAX_PIXELS) {
    throw badRequest(
      'invalid_value',
      `Invalid file '${field}': the picture has ${width}x${height} pixels. At most ${MAX_PIXELS} are accepted.`,
      field,
    );
  }
}

function damaged(field: FileField, why: string): ApiError {
  return badRequest('invalid_value', `Invalid file '${field}': it is damaged, ${why}.`, field);
}
