import { ReelgateError } from '../errors.ts';
import { administerVideo, type VideoAdministration } from './administer-video.ts';
import { changeVideo, keepsItsBytes } from './queries/index.ts';

const AT_REST = ['stored', 'partly_stored', 'content_lost'];

/** Undoes a deletion, by its owner or by a rule, while the bytes are still there. Throws `conflict` where they are not, or it was not deleted. */
export async function restoreVideo(ctx: VideoAdministration, id: string): Promise<void> {
  await administerVideo(ctx, id, async (tx, row) => {
    if (!row.deleteRequestedAt) throw new ReelgateError('conflict', `Video '${id}' is not deleted.`);
    if (!(await keepsItsBytes(tx, id))) {
      throw new ReelgateError(
        'conflict',
        `The bytes of video '${id}' are gone: its deletion cannot be undone.`,
      );
    }
    await changeVideo(tx, id, {
      deleteRequestedAt: null,
      deletedAt: null,
      // Whoever has begun to purge it has lost it.
      leaseEpoch: row.leaseEpoch + 1,
      ...(AT_REST.includes(row.state) ? { nextActionAt: null, leaseUntil: null, leaseOwner: null } : {}),
    });
    return { action: 'video.restore', before: { deletedAt: row.deletedAt }, after: { deletedAt: null } };
  });
}
