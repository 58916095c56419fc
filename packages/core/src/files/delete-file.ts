import { transaction } from '@reelgate/db';
import type { CallerContext } from '../context.ts';
import { hint } from '../hint.ts';
import { fileNotFound } from './get-file.ts';
import { hideFile } from './queries.ts';

/**
 * Gone for its team at once. Its bytes go too, but not before every video that names it has been sent. Throws `file_not_found`.
 */
export async function deleteFile(ctx: CallerContext, id: string): Promise<void> {
  await transaction(ctx.db, async (tx, afterCommit) => {
    if (!(await hideFile(tx, ctx.principal.teamId, id))) throw fileNotFound(id, 'file_id');
    afterCommit(() => hint(ctx, { name: 'purge-file', payload: { fileId: id } }));
  });
}
