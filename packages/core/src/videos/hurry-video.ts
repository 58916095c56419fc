import { now } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { hint } from '../hint.ts';
import { administerVideo, type VideoAdministration } from './administer-video.ts';
import { changeVideo } from './queries/index.ts';
import { jobForState } from './state.ts';

/**
 * Does now what is due later: looks at the upstream, stores it again. Also takes it out of quarantine. Throws `conflict` where nothing
 * is to be done.
 */
export async function hurryVideo(
  ctx: VideoAdministration,
  id: string,
  action: 'video.poll' | 'video.retry_archiving',
): Promise<void> {
  await administerVideo(ctx, id, async (tx, row, afterCommit) => {
    const name = jobForState(row.state, row.deleteRequestedAt !== null);
    const wanted = action === 'video.retry_archiving' ? row.state === 'archiving' : row.nextActionAt !== null;
    if (!wanted || !name) {
      throw new ReelgateError(
        'conflict',
        `Nothing is to be done about video '${id}' now: it is ${row.state}.`,
      );
    }
    await changeVideo(tx, id, { nextActionAt: now, quarantinedAt: null, faults: 0, failures: 0 });
    afterCommit(() => hint(ctx, { name, payload: { videoId: id } }));
    return {
      action,
      before: { quarantinedAt: row.quarantinedAt, nextActionAt: row.nextActionAt },
      after: { quarantinedAt: null },
    };
  });
}
