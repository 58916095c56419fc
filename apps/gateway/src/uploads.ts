import { fileNameOf, type GivenFile, probeMp4 } from '@reelgate/core';
import { badRequest } from './errors.ts';
import { mediaTypeOf } from './media-type.ts';
import type { SpooledFile } from './spool.ts';

/** A picture to start from. Throws 400 for an empty file. */
export function imageFile(file: SpooledFile): GivenFile {
  return givenFile('input_reference', file);
}

/** The same for a video, with what it says of itself. */
export async function videoFile(file: SpooledFile): Promise<GivenFile> {
  const given = givenFile('video', file);
  const facts = await probeMp4((offset, length) => file.read(offset, length), file.bytes);
  return facts ? { ...given, video: facts } : given;
}

function givenFile(field: GivenFile['field'], file: SpooledFile): GivenFile {
  if (file.bytes === 0) throw badRequest('invalid_value', `Invalid '${field}': the file is empty.`, field);
  const contentType = mediaTypeOf(file.head, file.declaredType);
  return {
    field,
    bytes: file.bytes,
    sha256: file.sha256,
    contentType,
    fileName: fileNameOf(field, contentType),
    open: () => file.open(),
  };
}
