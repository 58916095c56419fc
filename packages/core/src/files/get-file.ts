import type { CallerContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import type { FileView } from './create-file.ts';
import { findFile, findFileEver } from './queries.ts';

/** Throws `file_not_found`, the same for one that never was and one of another team. */
export async function getFile(ctx: CallerContext, id: string): Promise<FileView> {
  const row = await findFile(ctx.db, ctx.principal.teamId, id);
  if (!row) throw fileNotFound(id, 'file_id');
  return row;
}

/**
 * The team's file that a request names. Also one that has gone meanwhile, so that the same request is recognized; a video that
 * is new is refused by the database then, see `goneFile`.
 */
export async function resolveFile(
  ctx: Pick<CallerContext, 'db' | 'principal'>,
  id: string,
  param: string,
): Promise<FileView> {
  const row = await findFileEver(ctx.db, ctx.principal.teamId, id);
  if (!row) throw fileNotFound(id, param);
  return row;
}

/** What the database said to a video that names a file which is not there any more; null for any other error. */
export function goneFile(error: unknown, id: string, param: string): ReelgateError | null {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const isGone = cause instanceof Error && 'code' in cause && cause.code === 'RG404';
  return isGone ? fileNotFound(id, param) : null;
}

export function fileNotFound(id: string, param: string): ReelgateError {
  return new ReelgateError('file_not_found', `File with id '${id}' not found.`, { param });
}
