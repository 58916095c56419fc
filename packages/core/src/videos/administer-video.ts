import { type Queryable, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import type { AdminContext } from '../context.ts';
import { videoNotFound } from './get-video.ts';
import { lockVideoOf, type VideoRow } from './queries/index.ts';

/** What every act of an administrator on a video needs of its context. */
export type VideoAdministration = Pick<AdminContext, 'db' | 'scope' | 'actor' | 'ports' | 'log'>;

export interface AuditedAct {
  readonly action: string;
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  readonly reason?: string;
}

/**
 * The shape of every such act: the video is locked, changed and the change audited, all in one transaction. Throws `video_not_found` for
 * one that is not the administrator's to see, and whatever `act` refuses.
 */
export async function administerVideo(
  ctx: VideoAdministration,
  id: string,
  act: (tx: Queryable, row: VideoRow, afterCommit: (effect: () => unknown) => void) => Promise<AuditedAct>,
): Promise<void> {
  await transaction(ctx.db, async (tx, afterCommit) => {
    const row = await lockVideoOf(tx, ctx.scope, id);
    if (!row || row.state === 'purged') throw videoNotFound(id);
    const audited = await act(tx, row, afterCommit);
    await recordAudit(tx, ctx.actor, { ...audited, target: id, teamId: row.teamId });
  });
}
