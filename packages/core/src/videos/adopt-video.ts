import { createHash } from 'node:crypto';
import { newId, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import type { AdminContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import type { UpstreamVideo } from '../ports/index.ts';
import { isQuotaRefusal, reserveAmounts } from '../quotas/index.ts';
import type { OrphanPlace } from './list-orphans.ts';
import { explainOrphan, findAnyAdoptionTerms, insertAdopted, isUpstreamIdTaken } from './queries/index.ts';

export interface Adoption {
  readonly teamId: string;
  /** By the price book where absent. */
  readonly costMicroUsd?: bigint | undefined;
  readonly reason: string;
}

type Context = Pick<AdminContext, 'db' | 'actor'> & {
  readonly ports: Pick<AdminContext['ports'], 'upstreams'>;
};

const SECONDS = { least: 1, most: 3_600 };

/**
 * Takes a video that an upstream has made into a team: from here on it is paid for by the team's quota, archived and served like any
 * other. Resolves to its id. Throws `not_found` where the upstream does not show it, and `conflict` where it is somebody's already or
 * the quota has no room for it.
 */
export async function adoptVideo(ctx: Context, orphan: OrphanPlace, adoption: Adoption): Promise<string> {
  const { visible, createdAt } = await lookAt(ctx, orphan);
  const terms = await findAnyAdoptionTerms(ctx.db, adoption.teamId, orphan.accountId, visible);
  if (!terms) {
    throw new ReelgateError(
      'conflict',
      'No model of this upstream has a price for it, or the team has no key that it could belong to.',
      { param: 'team_id' },
    );
  }
  const seconds = Math.min(
    Math.max(Math.round(Number(visible.seconds ?? 4)) || 4, SECONDS.least),
    SECONDS.most,
  );
  const unitPriceMicroUsd =
    adoption.costMicroUsd === undefined ? terms.perSecondMicroUsd : adoption.costMicroUsd / BigInt(seconds);
  // What was named is booked to the last micro-dollar, also where it cannot be divided by the seconds.
  const cost = adoption.costMicroUsd ?? unitPriceMicroUsd * BigInt(seconds);
  const id = newId('video');
  const print = createHash('sha256').update(`adopted ${orphan.accountId} ${orphan.upstreamId}`).digest('hex');
  await bookAdoption(ctx, orphan, adoption, {
    id,
    teamId: adoption.teamId,
    keyId: terms.keyId,
    operation: 'create',
    model: terms.model,
    upstreamAccountId: orphan.accountId,
    upstreamModel: terms.upstreamModel,
    prompt: visible.prompt ?? '',
    fullFingerprint: print,
    visibleFingerprint: print,
    seconds,
    billedSeconds: seconds,
    size: terms.size,
    state: 'rendering',
    upstreamId: orphan.upstreamId,
    upstreamHandle: { id: orphan.upstreamId },
    upstreamCreatedAt: createdAt ?? null,
    rootId: id,
    priceId: terms.priceId,
    unitPriceMicroUsd,
    estimatedMicroUsd: cost,
  });
  return id;
}

/** What the upstream shows of it now. */
async function lookAt(ctx: Context, orphan: OrphanPlace): Promise<UpstreamVideo> {
  const upstream = ctx.ports.upstreams(orphan.accountId);
  if (!upstream) {
    throw new ReelgateError('not_found', `There is no upstream '${orphan.accountId}'.`, {
      param: 'upstream_id',
    });
  }
  const shown = await upstream.poll({ id: orphan.upstreamId });
  if (shown.kind === 'seen') return shown.video;
  if (shown.kind === 'unavailable') {
    throw new ReelgateError('service_unavailable', 'The upstream cannot be asked at the moment.', {
      retryAfterSeconds: 30,
    });
  }
  throw new ReelgateError('not_found', 'The upstream does not show such a video.', {
    param: 'upstream_video_id',
  });
}

/** Row, reservation, the orphan's end and the audit, all or none. */
async function bookAdoption(
  ctx: Context,
  orphan: OrphanPlace,
  adoption: Adoption,
  row: Parameters<typeof insertAdopted>[1],
): Promise<void> {
  const { id, teamId, keyId, model, billedSeconds, estimatedMicroUsd: cost } = row;
  try {
    await transaction(ctx.db, async (tx) => {
      await insertAdopted(tx, row);
      await reserveAmounts(
        tx,
        { id, keyId, teamId, model },
        { cost: cost.toString(), seconds: String(billedSeconds), videos: '1', concurrent: '1' },
      );
      await explainOrphan(tx, orphan, id);
      await recordAudit(tx, ctx.actor, {
        action: 'video.adopt',
        target: id,
        teamId,
        after: { upstream: orphan.accountId, upstreamVideoId: orphan.upstreamId, costMicroUsd: cost },
        reason: adoption.reason,
      });
    });
  } catch (error) {
    if (isQuotaRefusal(error)) {
      throw new ReelgateError('conflict', 'It does not fit into the quota of this team. Raise that first.', {
        param: 'team_id',
      });
    }
    if (isUpstreamIdTaken(error)) {
      throw new ReelgateError('conflict', 'This video belongs to somebody already.');
    }
    throw error;
  }
}
