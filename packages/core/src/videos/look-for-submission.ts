/** Looks through what an upstream shows for one create whose answer was lost, and says whose a video is. */
import type { ServiceContext } from '../context.ts';
import type { UpstreamVideo, VideoUpstream } from '../ports/index.ts';
import { holdLease } from './lease.ts';
import {
  type Claim,
  listAnyKnownUpstreamIds,
  listAnyUnresolved,
  type SubmissionRow,
  type UnresolvedRow,
} from './queries/index.ts';
import { readSharedList, type Shown } from './shared-list.ts';

/** Tolerance between the upstream's clock and ours around the time of sending, in ms. */
const TOLERANCE_MS = 2 * 60_000;

/** What one look has shown. */
export type Look =
  | { readonly kind: 'found'; readonly video: UpstreamVideo }
  /** The whole list was read, and nothing in it can be this one. */
  | { readonly kind: 'absent' }
  /** Something in it may be this one, or may be another's; or not all of it could be read. Proves nothing. */
  | { readonly kind: 'uncertain' }
  | { readonly kind: 'unavailable' };

export async function lookForSubmission(
  ctx: ServiceContext,
  upstream: VideoUpstream,
  claim: Claim,
  submission: SubmissionRow,
): Promise<Look> {
  const sentAt = submission.sentAt ?? submission.preparedAt;
  const mine = { ...claim, sentAt, endedAt: submission.endedAt };
  const shown = await readBackTo(ctx, upstream, claim, sentAt.getTime() - TOLERANCE_MS);
  if (shown === null) return { kind: 'unavailable' };
  // In this order: whoever made one of these had its row before the upstream had the video, and whoever has found its own since
  // is still among the rivals.
  const rivals = await listAnyUnresolved(ctx.db, claim, {
    from: new Date(sentAt.getTime() - 4 * TOLERANCE_MS),
    to: new Date((submission.endedAt ?? claim.claimedAt).getTime() + 4 * TOLERANCE_MS),
  });
  const alike = shown.videos.filter((video) => couldBe(video, mine));
  const known = await listAnyKnownUpstreamIds(
    ctx.db,
    upstream.accountId,
    alike.map((video) => video.id),
  );
  const candidates = alike
    .filter((video) => !known.has(video.id))
    .sort((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0) || (a.id < b.id ? -1 : 1));
  if (candidates.length === 0) return { kind: shown.complete ? 'absent' : 'uncertain' };
  const video = ownOf(claim, candidates, rivals);
  if (video) return { kind: 'found', video };
  ctx.log.warn('submission.ambiguous', {
    videoId: claim.id,
    unresolvedCount: rivals.length,
    candidateCount: candidates.length,
  });
  return { kind: 'uncertain' };
}

/** Holds the lease while the list is read, perhaps together with others. */
async function readBackTo(
  ctx: ServiceContext,
  upstream: VideoUpstream,
  claim: Claim,
  earliestMs: number,
): Promise<Shown | null> {
  const lease = holdLease(ctx, claim);
  try {
    return await readSharedList(upstream, earliestMs);
  } finally {
    lease.stop();
  }
}

type Sent = Pick<UnresolvedRow, 'operation' | 'prompt' | 'upstreamModel' | 'seconds' | 'size'> & {
  readonly sentAt: Date;
  readonly endedAt: Date | null;
};

/** A field that the upstream does not show cannot speak against it. */
function couldBe({ createdAt, visible }: UpstreamVideo, sent: Sent): boolean {
  const agrees = (shown: string | undefined, ours: string) => shown === undefined || shown === ours;
  // How long and how large an edit or an extension becomes is the upstream's to say; ours is an estimate.
  const measured = sent.operation === 'create';
  return (
    agrees(visible.prompt, sent.prompt) &&
    agrees(visible.model, sent.upstreamModel) &&
    (!measured || (agrees(visible.seconds, String(sent.seconds)) && agrees(visible.size, sent.size))) &&
    (createdAt === undefined ||
      (createdAt.getTime() >= sent.sentAt.getTime() - TOLERANCE_MS &&
        (sent.endedAt === null || createdAt.getTime() <= sent.endedAt.getTime() + TOLERANCE_MS)))
  );
}

/**
 * Which candidate is this row's, for certain. Among unresolved requests that are equal in everything any assignment is right,
 * so it goes by the order of sending. One that may as well be of a request that differs, in its team or in whatever the list
 * does not show, is nobody's; nor is one that does not show its prompt, or that is of a request still under way.
 */
function ownOf(
  claim: Claim,
  candidates: readonly UpstreamVideo[],
  unresolved: readonly UnresolvedRow[],
): UpstreamVideo | null {
  const equal = unresolved.filter((row) => row.fullFingerprint === claim.fullFingerprint);
  const others = unresolved.filter((row) => row.fullFingerprint !== claim.fullFingerprint);
  if (equal.some((row) => row.underWay && row.id !== claim.id)) return null;
  const free = new Set(
    candidates.filter(
      (video) => video.visible.prompt !== undefined && !others.some((row) => couldBe(video, row)),
    ),
  );
  for (const row of equal.filter(({ lookedFor }) => lookedFor)) {
    const first = [...free].find((video) => couldBe(video, row));
    if (row.id === claim.id) return first ?? null;
    if (first) free.delete(first);
  }
  return null;
}
