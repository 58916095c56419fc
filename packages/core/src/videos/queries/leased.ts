import { after, ms, now, type Queryable, schema } from '@reelgate/db';
import { and, eq, inArray, isNotNull, isNull, lte, notInArray, sql } from 'drizzle-orm';
import type { VideoState } from '../state.ts';
import { claimAnyWhere, free, type Lease } from './claim.ts';
import { asRow, type Claim, held, type VideoPatch, type VideoRow, visible } from './rows.ts';

const { assets, idempotencyKeys, quotaReservations, videos, videoWebhooks } = schema;

/** Takes the lease of a video that is due in one of these states; null where it is not, or somebody else has it. */
export async function claimAnyVideo(
  db: Queryable,
  id: string,
  states: readonly VideoState[],
  lease: Lease,
): Promise<Claim | null> {
  const [claim] = await claimAnyWhere(
    db,
    lease,
    eq(videos.id, id),
    inArray(videos.state, [...states]),
    isNull(videos.quarantinedAt),
    lte(videos.nextActionAt, now),
    free(),
  );
  return claim ?? null;
}

/** As `claimAnyVideo`, for the owner's own wish: it need not be due, only free. */
export async function claimVideo(
  db: Queryable,
  teamId: string,
  id: string,
  state: VideoState,
  lease: Lease,
): Promise<Claim | null> {
  const [claim] = await claimAnyWhere(
    db,
    lease,
    eq(videos.id, id),
    visible(teamId),
    eq(videos.state, state),
    free(),
  );
  return claim ?? null;
}

/** False where the lease was lost or given back: then somebody else may work on the row, and this holder must stop. */
export async function renewLease(
  db: Queryable,
  claim: Pick<Claim, 'id' | 'leaseEpoch'>,
  leaseMs: number,
): Promise<boolean> {
  const rows = await db
    .update(videos)
    .set({ leaseUntil: after(leaseMs) })
    .where(and(held(claim), isNotNull(videos.leaseUntil)))
    .returning({ id: videos.id });
  return rows.length === 1;
}

/** What a look that ended nothing has learned. */
export interface Learned {
  /** Looks in a row that failed, or denials, as the holder counts them. */
  readonly failures?: number;
  /** Percent; never goes back. */
  readonly progress?: number;
  /** The upstream was seen at work; the first time counts. */
  readonly started?: boolean;
}

/** Gives the lease back and says when to look again. Null where the lease was lost. */
export async function snoozeVideo(
  db: Queryable,
  claim: Claim,
  delayMs: number,
  learned: Learned = {},
): Promise<{ nextActionAt: Date } | null> {
  const { failures, progress, started } = learned;
  const [row] = await db
    .update(videos)
    .set({
      ...(failures === undefined ? {} : { failures }),
      faults: 0,
      ...(progress === undefined ? {} : { progress: sql`greatest(${videos.progress}, ${progress}::int)` }),
      ...(started ? { startedAt: sql`coalesce(${videos.startedAt}, clock_timestamp())` } : {}),
      nextActionAt: after(delayMs),
      leaseOwner: null,
      leaseUntil: null,
    })
    .where(and(held(claim), eq(videos.state, claim.state)))
    .returning({ nextActionAt: videos.nextActionAt });
  return row?.nextActionAt ? { nextActionAt: row.nextActionAt } : null;
}

/**
 * When a moved video is due again: in so many ms; never; or by then at the latest, because the holder keeps its lease and goes on.
 * A deleted one that has ended is never left: it is due for its purge at once.
 */
export type Due = { readonly inMs: number } | { readonly heldForMs: number } | 'never';

/**
 * The only way a state changes: fenced by the lease, and only out of the state the holder saw.
 * Null where the lease was lost: somebody else decided.
 */
export async function moveVideo(
  tx: Queryable,
  claim: Pick<Claim, 'id' | 'leaseEpoch' | 'state'>,
  to: VideoState,
  due: Due,
  patch: VideoPatch = {},
): Promise<VideoRow | null> {
  const [row] = await tx
    .update(videos)
    .set({
      failures: 0,
      faults: 0,
      alertedAt: null,
      ...when(due),
      ...patch,
      state: to,
    })
    .where(and(held(claim), eq(videos.state, claim.state)))
    .returning();
  return row ? asRow(row) : null;
}

const hiddenAt = sql`case when ${videos.adoptedRetries} = 0 then clock_timestamp() else ${videos.deleteRequestedAt} end`;

/** A patch that hides a refused video as if its owner had deleted it; not one that a repeated request was answered with. */
export const hideRefused: VideoPatch = {
  deleteRequestedAt: hiddenAt,
  deletedAt: hiddenAt,
  nextActionAt: sql`case when ${videos.adoptedRetries} = 0 then clock_timestamp() end`,
};

/** A patch that books the whole price as the video's final cost, as settling its reservations does. */
export const chargeInFull: VideoPatch = {
  finalMicroUsd: sql`${videos.estimatedMicroUsd}`,
};

/** A refusal leaves its key free: the same key may be used for a request that is not refused. */
export async function forgetIdempotencyKey(tx: Queryable, videoId: string): Promise<void> {
  await tx.delete(idempotencyKeys).where(eq(idempotencyKeys.videoId, videoId));
}

function when(due: Due) {
  if (due === 'never') {
    const nextActionAt = sql`case when ${videos.deleteRequestedAt} is null then null else clock_timestamp() end`;
    return { nextActionAt, leaseOwner: null, leaseUntil: null };
  }
  if ('heldForMs' in due) return { nextActionAt: after(due.heldForMs), leaseUntil: after(due.heldForMs) };
  return { nextActionAt: after(due.inMs), leaseOwner: null, leaseUntil: null };
}

/** Ends a video in `purged`: a tombstone without prompt, parameters or bytes, kept for lineage, the ledger and its labels' spend. */
export async function markPurged(tx: Queryable, claim: Claim): Promise<boolean> {
  const rows = await tx
    .update(videos)
    .set({
      state: 'purged',
      prompt: '',
      params: {},
      inputs: [],
      errorMessage: null,
      errorDetails: null,
      purgedAt: now,
      nextActionAt: null,
      leaseOwner: null,
      leaseUntil: null,
    })
    .where(and(held(claim), eq(videos.state, claim.state)))
    .returning({ id: videos.id });
  if (rows.length === 0) return false;
  await tx.update(assets).set({ state: 'deleted' }).where(eq(assets.videoId, claim.id));
  await tx.delete(videoWebhooks).where(eq(videoWebhooks.videoId, claim.id));
  return true;
}

/** True where a reservation waits for what becomes of the video. */
export async function holdsReservation(db: Queryable, videoId: string): Promise<boolean> {
  const rows = await db
    .select({ videoId: quotaReservations.videoId })
    .from(quotaReservations)
    .where(and(eq(quotaReservations.videoId, videoId), eq(quotaReservations.state, 'held')))
    .limit(1);
  return rows.length > 0;
}

/** What a job needs that could not claim its row: in which state it is, and how long nothing can be done, in ms. */
export async function findAnyWait(
  db: Queryable,
  id: string,
): Promise<{ state: VideoState; held: boolean; dueInMs: number | null } | null> {
  const [row] = await db
    .select({
      state: videos.state,
      held: sql<boolean>`coalesce(${videos.leaseUntil} > clock_timestamp(), false)`,
      dueInMs: sql<number | null>`case when ${videos.quarantinedAt} is null
        then (extract(epoch from ${videos.nextActionAt} - clock_timestamp()) * 1000)::double precision end`,
    })
    .from(videos)
    .where(eq(videos.id, id));
  return row ? { ...row, state: row.state as VideoState } : null;
}

export async function findAnyVideo(db: Queryable, id: string): Promise<VideoRow | null> {
  const [row] = await db.select().from(videos).where(eq(videos.id, id));
  return row ? asRow(row) : null;
}

/** What loops of their own take care of: the turns of accounts, and the lanes of the archive. */
const LOOKED_AFTER: VideoState[] = ['rendering', 'archiving'];

/**
 * Videos that are overdue with nothing happening, but for renders and archives: up to `limit` of each state, so that a backlog of one
 * kind of work cannot hide another.
 */
export async function listAnyOverdueVideos(
  db: Queryable,
  overdueMs: number,
  limit: number,
): Promise<Pick<VideoRow, 'id' | 'state' | 'deleteRequestedAt'>[]> {
  const place = sql`row_number() over (partition by ${videos.state} order by ${videos.nextActionAt})`;
  const overdue = db
    .select({
      id: videos.id,
      state: videos.state,
      deleteRequestedAt: videos.deleteRequestedAt,
      place: place.as('place'),
    })
    .from(videos)
    .where(
      and(
        isNull(videos.quarantinedAt),
        notInArray(videos.state, LOOKED_AFTER),
        lte(videos.nextActionAt, sql`clock_timestamp() - ${ms(overdueMs)}`),
        free(),
      ),
    )
    .as('overdue');
  const rows = await db
    .select({ id: overdue.id, state: overdue.state, deleteRequestedAt: overdue.deleteRequestedAt })
    .from(overdue)
    .where(sql`${overdue.place} <= ${limit}`)
    .orderBy(sql`${overdue.place}`);
  return rows.map((row) => ({ ...row, state: row.state as VideoState }));
}
