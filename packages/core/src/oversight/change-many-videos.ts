import { transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import type { AdminContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { holdVideo, hurryVideo, removeVideo, restoreVideo, unholdVideo } from '../videos/index.ts';
import { cancelAnyVideo } from './cancel-any-video.ts';
import { type BulkAction, listCandidates } from './queries/candidates.ts';
import type { AllVideosFilter } from './queries/conditions.ts';

export interface BulkRequest {
  readonly action: BulkAction;
  /** These, or all that match the filter. */
  readonly ids?: readonly string[] | undefined;
  readonly filter?: AllVideosFilter | undefined;
  readonly reason?: string | undefined;
  readonly dryRun: boolean;
}

export interface BulkOutcome {
  readonly matched: number;
  /** For which the action makes sense now. */
  readonly eligible: number;
  readonly done: number;
  /** More match than one request changes. */
  readonly truncated: boolean;
  readonly refused: readonly { readonly id: string; readonly message: string }[];
}

const AT_ONCE = 1_000;
const REFUSALS_SHOWN = 20;
const NEEDS_REASON: readonly BulkAction[] = ['delete', 'hold'];

/** Does one thing to many videos, each in a transaction of its own, audited one by one; or only counts them. */
export async function changeManyVideos(ctx: AdminContext, request: BulkRequest): Promise<BulkOutcome> {
  const { action, ids, filter = {}, reason, dryRun } = request;
  if (NEEDS_REASON.includes(action) && reason === undefined) {
    throw new ReelgateError('missing_required_parameter', `'${action}' needs a 'reason'.`, {
      param: 'reason',
    });
  }
  const found = await listCandidates(ctx.db, ctx.scope, action, ids ?? filter, AT_ONCE + 1);
  const candidates = found.slice(0, AT_ONCE);
  const eligible = candidates.filter((candidate) => candidate.eligible);
  const counts = {
    matched: candidates.length,
    eligible: eligible.length,
    truncated: found.length > AT_ONCE,
  };
  if (dryRun) return { ...counts, done: 0, refused: [] };
  const refused: { id: string; message: string }[] = [];
  let done = 0;
  for (const { id } of eligible) {
    try {
      await ACTS[action](ctx, id, reason);
      done++;
    } catch (error) {
      // What has changed since it was found; anything else is an error of the whole.
      if (!(error instanceof ReelgateError)) throw error;
      refused.push({ id, message: error.message });
    }
  }
  await transaction(ctx.db, (tx) =>
    recordAudit(tx, ctx.actor, {
      action: 'video.bulk',
      target: 'videos',
      after: { action, ...counts, done },
      reason: reason ?? null,
    }),
  );
  return { ...counts, done, refused: refused.slice(0, REFUSALS_SHOWN) };
}

const ACTS: Readonly<
  Record<BulkAction, (ctx: AdminContext, id: string, reason: string | undefined) => Promise<void>>
> = {
  poll: (ctx, id) => hurryVideo(ctx, id, 'video.poll'),
  retry_archiving: (ctx, id) => hurryVideo(ctx, id, 'video.retry_archiving'),
  cancel: cancelAnyVideo,
  delete: removeVideo,
  restore: (ctx, id) => restoreVideo(ctx, id),
  hold: (ctx, id, reason = '') => holdVideo(ctx, id, reason),
  unhold: (ctx, id) => unholdVideo(ctx, id),
};
