import { FILE_LIMITS, FILE_PURPOSES, LIST_ORDERS } from '@reelgate/contract';
import type { CreateFileInput, listFiles } from '@reelgate/core';
import { badRequest } from './errors.ts';
import { checkFileId } from './ids.ts';
import { oneOf, parseLimit, single } from './list-query.ts';
import { mediaTypeOf } from './media-type.ts';
import { invalidType, isObject, missing } from './parse-fields.ts';
import { type Fields, unsupportedParameter } from './request-fields.ts';
import { SpooledFile } from './spool.ts';

/** What would make a name look like another one, or break the line it is shown in. */
const UNSHOWN = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Throws 400. */
export function parseFile(fields: Fields): CreateFileInput {
  const { file, purpose, expires_after: expiresAfter, ...rest } = fields;
  const [other] = Object.keys(rest);
  if (other !== undefined) throw unsupportedParameter(other);
  if (file === undefined) throw missing('file');
  if (!(file instanceof SpooledFile)) throw invalidType('file', file, 'a file');
  if (file.bytes === 0) throw badRequest('invalid_value', "Invalid 'file': the file is empty.", 'file');
  return {
    purpose: parsePurpose(purpose),
    fileName: shownName(file.fileName),
    contentType: mediaTypeOf(file.head, file.declaredType),
    bytes: file.bytes,
    sha256: file.sha256,
    expiresAfterSeconds: parseExpiresAfter(expiresAfter),
    open: () => file.open(),
  };
}

/** Throws 400. Parameters that nobody knows are ignored, as the original does. */
export function parseFilesQuery(query: URLSearchParams): Parameters<typeof listFiles>[1] {
  const after = single(query, 'after');
  return {
    after: after === undefined ? undefined : checkCursor(after),
    limit: parseLimit(query, { fallback: FILE_LIMITS.listMax, max: FILE_LIMITS.listMax }),
    order: oneOf(query, 'order', LIST_ORDERS) ?? 'desc',
    purpose: oneOf(query, 'purpose', FILE_PURPOSES),
  };
}

function checkCursor(after: string): string {
  try {
    return checkFileId(after, 'after');
  } catch {
    throw badRequest('invalid_value', "Invalid 'after': expected the id of a file.", 'after');
  }
}

function parsePurpose(value: unknown): string {
  if (value === undefined) throw missing('purpose');
  const purpose = FILE_PURPOSES.find((known) => known === value);
  if (purpose !== undefined) return purpose;
  const list = FILE_PURPOSES.map((known) => `'${known}'`).join(', ');
  throw badRequest('invalid_value', `Invalid 'purpose': supported values are ${list}.`, 'purpose');
}

function parseExpiresAfter(value: unknown): number | null {
  if (value === undefined) return null;
  if (!isObject(value)) throw invalidType('expires_after', value, 'an object');
  const { anchor, seconds, ...rest } = value;
  const { expiresAfterMin, expiresAfterMax } = FILE_LIMITS;
  if (anchor !== 'created_at' || Object.keys(rest).length > 0) {
    const message = "Invalid 'expires_after': expected the anchor 'created_at' and 'seconds'.";
    throw badRequest('invalid_value', message, 'expires_after');
  }
  const whole = typeof seconds === 'string' && /^\d{1,9}$/.test(seconds) ? Number(seconds) : Number.NaN;
  if (whole >= expiresAfterMin && whole <= expiresAfterMax) return whole;
  const message = `Invalid 'expires_after.seconds': expected ${expiresAfterMin} to ${expiresAfterMax} seconds.`;
  throw badRequest('invalid_value', message, 'expires_after');
}

/** The caller's own name for it, shown to its team and used for nothing else. */
function shownName(given: string | undefined): string {
  const name = (given ?? '').replace(UNSHOWN, '').trim();
  return name === '' ? 'upload' : name.slice(0, FILE_LIMITS.fileNameMaxLength).toWellFormed();
}
