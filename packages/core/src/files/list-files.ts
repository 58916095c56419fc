import type { CallerContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import type { FileView } from './create-file.ts';
import { type FileListing, findFileEver, listFiles as queryFiles } from './queries.ts';

export interface FilePage {
  readonly files: readonly FileView[];
  readonly hasMore: boolean;
}

/** One page of the team's files. Throws `invalid_value` for a cursor that the team never had. */
export async function listFiles(ctx: CallerContext, request: FileListing): Promise<FilePage> {
  const { teamId } = ctx.principal;
  // One more than asked tells whether there is a next page.
  const rows = await queryFiles(ctx.db, teamId, { ...request, limit: request.limit + 1 });
  if (rows.length === 0 && request.after !== undefined) {
    if (!(await findFileEver(ctx.db, teamId, request.after))) {
      throw new ReelgateError('invalid_value', `No file with id '${request.after}' to list after.`, {
        param: 'after',
      });
    }
  }
  return { files: rows.slice(0, request.limit), hasMore: rows.length > request.limit };
}
