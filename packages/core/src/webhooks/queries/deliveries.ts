import { after, type Queryable, schema } from '@reelgate/db';
import { and, eq, isNull, sql } from 'drizzle-orm';

const { assets, teams, videos, webhookAttempts, webhookDeliveries } = schema;

/** A delivery under a lease, with everything that an attempt needs. */
export interface DeliveryClaim {
  readonly id: string;
  readonly eventId: string;
  readonly endpointId: string;
  readonly teamId: string | null;
  /** Of this attempt, from 1. */
  readonly attemptNo: number;
  readonly leaseEpoch: number;
  /** By the clock of Postgres. */
  readonly claimedAt: Date;
  readonly replayOf: string | null;
  /** Its endpoint was not reached the last time. */
  readonly suspect: boolean;
  readonly kind: 'standard' | 'slack' | 'video';
  readonly url: string;
  readonly type: string;
  readonly videoId: string | null;
  readonly payload: Buffer;
  /** Encrypted, newest first. */
  readonly secrets: readonly Buffer[];
}

export interface ClaimLimits {
  readonly owner: string;
  readonly leaseMs: number;
  readonly slots: number;
  readonly suspectSlots: number;
  readonly perEndpoint: number;
  readonly breakerTimeouts: number;
  readonly ratePerSecond: number;
  readonly burst: number;
}

/** For these endpoints; null: for all. */
export async function claimAnyDeliveries(
  db: Queryable,
  endpointIds: readonly string[] | null,
  limits: ClaimLimits,
): Promise<DeliveryClaim[]> {
  const { rows } = await db.execute<Record<string, unknown>>(sql`
    select id, event_id as "eventId", endpoint_id as "endpointId", team_id as "teamId", attempt_no as "attemptNo",
           lease_epoch::int as "leaseEpoch", replay_of as "replayOf", suspect, kind, url, type, video_id as "videoId",
           payload, secrets, clock_timestamp() as "claimedAt"
      from take_deliveries(${endpointIds === null ? null : sql.param([...endpointIds])}::text[],
        ${limits.owner}, ${limits.leaseMs}, ${limits.slots}, ${limits.suspectSlots},
        ${limits.perEndpoint}, ${limits.breakerTimeouts}, ${limits.ratePerSecond}, ${limits.burst})`);
  return rows.map(
    (row) => ({ ...row, claimedAt: new Date(String(row.claimedAt)) }) as unknown as DeliveryClaim,
  );
}

export type AttemptRecord = Omit<typeof webhookAttempts.$inferInsert, 'deliveryId' | 'no'>;

/** Records an attempt and what follows from it, fenced by the lease: false where the lease was lost. */
export async function finishAttempt(
  db: Queryable,
  claim: DeliveryClaim,
  attempt: AttemptRecord,
  next: { state: 'delivered' | 'exhausted' } | { retryInMs: number },
): Promise<boolean> {
  const rows = await db
    .update(webhookDeliveries)
    .set({
      leaseOwner: null,
      leaseUntil: null,
      ...('state' in next
        ? { state: next.state, nextAttemptAt: null }
        : { nextAttemptAt: after(next.retryInMs) }),
    })
    .where(
      and(
        eq(webhookDeliveries.id, claim.id),
        eq(webhookDeliveries.state, 'pending'),
        eq(webhookDeliveries.leaseEpoch, claim.leaseEpoch),
      ),
    )
    .returning({ id: webhookDeliveries.id });
  if (rows.length === 0) return false;
  await db.insert(webhookAttempts).values({ deliveryId: claim.id, no: claim.attemptNo, ...attempt });
  return true;
}

/** What a chat is told of a video; null where its owner has deleted it. */
export async function findAnySlackVideo(db: Queryable, videoId: string) {
  const [video] = await db
    .select({
      model: videos.model,
      seconds: videos.seconds,
      size: videos.size,
      team: teams.name,
      errorMessage: videos.errorMessage,
    })
    .from(videos)
    .innerJoin(teams, eq(teams.id, videos.teamId))
    .where(and(eq(videos.id, videoId), isNull(videos.deleteRequestedAt)));
  if (!video) return null;
  const stored = await db
    .select({ variant: assets.variant, objectKey: assets.objectKey, contentType: assets.contentType })
    .from(assets)
    .where(and(eq(assets.videoId, videoId), eq(assets.state, 'stored')));
  const of = (variant: string) => {
    const { objectKey, contentType } = stored.find((asset) => asset.variant === variant) ?? {};
    return objectKey && contentType ? { objectKey, contentType } : undefined;
  };
  return { ...video, thumbnail: of('thumbnail'), file: of('video') };
}
