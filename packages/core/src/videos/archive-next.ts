import type { WorkerContext } from '../context.ts';
import { archiveClaimed } from './archive-video.ts';
import { claimAnyMostUrgentArchive } from './queries/index.ts';

export interface ArchiveChoice {
  /** Accounts that have lanes enough; a slow one must not take them all. */
  readonly passingOver: readonly string[];
  /** Only what has less time than this to its deadline, in ms. */
  readonly withinMs?: number;
}

export interface BegunArchive {
  readonly upstreamAccountId: string;
  /** Resolves or rejects when this try is over. */
  readonly over: Promise<unknown>;
  readonly videoId: string;
}

/** Begins to archive the video whose deadline is nearest. Null where none waits. */
export async function archiveNext(ctx: WorkerContext, choice: ArchiveChoice): Promise<BegunArchive | null> {
  const claim = await claimAnyMostUrgentArchive(
    ctx.db,
    { owner: ctx.owner, ms: ctx.timing.leaseMs },
    { ...choice, volumeId: ctx.ports.spool?.volumeId ?? '' },
  );
  if (!claim) return null;
  return {
    upstreamAccountId: claim.upstreamAccountId,
    videoId: claim.id,
    over: archiveClaimed(ctx, claim),
  };
}
