/** All SQL of the videos slice. A finder that takes no owner says so by its name and is for the worker alone. */
import type { ListOrder, Operation, Variant } from '@reelgate/contract';
import { prepared, type Queryable, schema } from '@reelgate/db';
import {
  and,
  asc,
  between,
  desc,
  eq,
  getTableColumns,
  inArray,
  isNull,
  lte,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import type { UpstreamHandle } from '../ports.ts';
import type { VideoInput } from './inputs.ts';
import type { VideoState } from './state.ts';

const { assets, idempotencyKeys, quotaReservations, upstreamSubmissions, videos } = schema;

export type VideoRow = Omit<
  typeof videos.$inferSelect,
  'state' | 'upstreamHandle' | 'inputs' | 'operation'
> & {
  state: VideoState;
  operation: Operation;
  inputs: VideoInput[];
  upstreamHandle: UpstreamHandle | null;
};
export type AssetRow = typeof assets.$inferSelect;
export type SubmissionRow = typeof upstreamSubmissions.$inferSelect;
type VideoPatch = Omit<PgUpdateSetSource<typeof videos>, 'state'>;

/** The database's clock: the only one by which anything is due, held, or over. */
export const now: SQL<Date> = sql`clock_timestamp()`;
const after = (ms: number) => sql`clock_timestamp() + make_interval(secs => ${ms}::double precision / 1000)`;
const asRow = (row: unknown) => row as VideoRow;

// ---- for callers -------------------------------------------------------------------------------------------------

export interface AcceptedVideo {
  readonly id: string;
  readonly teamId: string;
  readonly keyId: string;
  readonly operation: string;
  readonly model: string;
  readonly upstreamAccountId: string;
  readonly upstreamModel: string;
  readonly prompt: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: readonly VideoInput[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly fullFingerprint: string;
  readonly visibleFingerprint: string;
  readonly seconds: number;
  readonly billedSeconds: number;
  readonly size: string;
  readonly parentId: string | null;
  readonly rootId: string | null;
  readonly priceId: string;
  readonly unitPriceMicroUsd: string;
  readonly estimatedMicroUsd: string;
  readonly submissionId: string;
  /** The caller of this function sends it at once and holds its lease. */
  readonly submitNow: boolean;
  readonly leaseOwner: string;
  readonly leaseMs: number;
  /** Decimal strings by metric. */
  readonly amounts: Record<string, string>;
  readonly route: string;
  readonly idempotencyKey: string | null;
  /** Which of its SDK's own retries this is; 0 for the first try. */
  readonly retryCount: number;
  /** Answer with a finished video of the same request, if there is one. */
  readonly reuse: boolean;
}

const acceptStatement = prepared((db) =>
  db
    .select({
      videoId: sql<string>`video_id`,
      replayed: sql<boolean>`replayed`,
      createdAt: sql<Date>`created_at`.mapWith(videos.createdAt),
    })
    .from(sql`accept_video(${sql.placeholder('video')}::jsonb)`)
    .prepare('accept_video'),
);

/**
 * Row, reservation and submission in one statement; or, for a request that was accepted before, the video of that (`replayed`).
 * Throws what `quotaRefusal` can read where a quota refuses, and RG422 where the idempotency key was used for another request.
 */
export async function acceptVideo(
  db: Queryable,
  video: AcceptedVideo,
): Promise<{ videoId: string; replayed: boolean; createdAt: Date }> {
  const [row] = await acceptStatement(db).execute({ video: JSON.stringify(video) });
  if (!row) throw new Error('accept_video answered nothing');
  return row;
}

/** The answer to its create was wholly sent: a retry that comes much later is a new request. */
export async function markAnswered(db: Queryable, teamId: string, id: string): Promise<void> {
  await db
    .update(videos)
    .set({ answeredAt: now })
    .where(and(eq(videos.id, id), eq(videos.teamId, teamId)));
}

const visible = (teamId: unknown) =>
  and(eq(videos.teamId, teamId as string), isNull(videos.deleteRequestedAt));

const findStatement = prepared((db) =>
  db
    .select()
    .from(videos)
    .where(and(eq(videos.id, sql.placeholder('id')), visible(sql.placeholder('teamId'))))
    .prepare('find_video'),
);

/** Null where it does not exist, is deleted, or is another team's: a caller cannot tell which. */
export async function findVideo(db: Queryable, teamId: string, id: string): Promise<VideoRow | null> {
  const [row] = await findStatement(db).execute({ id, teamId });
  return row ? asRow(row) : null;
}

export interface VideoFilter {
  readonly model?: string | undefined;
  readonly operation?: Operation | undefined;
  /** Inclusive, and exclusive. */
  readonly createdFrom?: Date | undefined;
  readonly createdBefore?: Date | undefined;
  /** Every one of these labels with this value. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export interface VideoListing extends VideoFilter {
  readonly after?: string | undefined;
  readonly order: ListOrder;
  readonly limit: number;
  readonly states?: readonly VideoState[] | undefined;
  /** Of those that an upstream has: whether it has begun. */
  readonly started?: boolean | undefined;
}

/** True for a video that the team has or had: a cursor stays good when its video is deleted between two pages. */
export async function isOwnCursor(db: Queryable, teamId: string, id: string): Promise<boolean> {
  const rows = await db
    .select({ id: videos.id })
    .from(videos)
    .where(and(eq(videos.id, id), eq(videos.teamId, teamId)));
  return rows.length === 1;
}

export async function listVideos(db: Queryable, teamId: string, page: VideoListing): Promise<VideoRow[]> {
  const direction = page.order === 'asc' ? asc : desc;
  const comparison = sql.raw(page.order === 'asc' ? '>' : '<');
  const rows = await db
    .select()
    .from(videos)
    .where(
      and(
        visible(teamId),
        page.states === undefined ? undefined : inArray(videos.state, [...page.states]),
        page.started === undefined
          ? undefined
          : page.started
            ? sql`(${videos.state} <> 'rendering' or ${videos.startedAt} is not null)`
            : sql`(${videos.state} <> 'rendering' or ${videos.startedAt} is null)`,
        page.model === undefined ? undefined : eq(videos.model, page.model),
        page.operation === undefined ? undefined : eq(videos.operation, page.operation),
        page.createdFrom === undefined
          ? undefined
          : sql`${videos.createdAt} >= ${page.createdFrom.toISOString()}::timestamptz`,
        page.createdBefore === undefined
          ? undefined
          : sql`${videos.createdAt} < ${page.createdBefore.toISOString()}::timestamptz`,
        page.metadata === undefined
          ? undefined
          : sql`${videos.metadata} @> ${JSON.stringify(page.metadata)}::jsonb`,
        page.after === undefined
          ? undefined
          : sql`(${videos.createdAt}, ${videos.id}) ${comparison} (select c.created_at, c.id from videos c where c.id = ${page.after} and c.team_id = ${teamId})`,
      ),
    )
    .orderBy(direction(videos.createdAt), direction(videos.id))
    .limit(page.limit);
  return rows.map(asRow);
}

/** Hides a video from its owner for good; what is left of it goes once nothing works on it any more. */
export async function requestDeletion(
  db: Queryable,
  teamId: string,
  id: string,
): Promise<{ purgeNow: boolean } | null> {
  const [row] = await db
    .update(videos)
    .set({
      deleteRequestedAt: now,
      deletedAt: now,
      // What has ended and is not due for anything else. A create given up may still be looked for, and holds its reservation.
      nextActionAt: sql`case when ${videos.state} in ('stored','partly_stored','content_lost','failed') then coalesce(${videos.nextActionAt}, clock_timestamp()) else ${videos.nextActionAt} end`,
    })
    .where(and(eq(videos.id, id), visible(teamId)))
    .returning({
      purgeNow: sql<boolean>`coalesce(${videos.nextActionAt} <= clock_timestamp(), false) and ${videos.state} in ('stored','partly_stored','content_lost','failed')`,
    });
  return row ?? null;
}

export async function findStoredAsset(
  db: Queryable,
  teamId: string,
  videoId: string,
  variant: Variant,
): Promise<AssetRow | null> {
  const [row] = await db
    .select({ asset: assets })
    .from(assets)
    .innerJoin(videos, eq(videos.id, assets.videoId))
    .where(
      and(
        eq(assets.videoId, videoId),
        eq(assets.variant, variant),
        eq(assets.state, 'stored'),
        visible(teamId),
      ),
    );
  return row?.asset ?? null;
}

export interface LineageRow {
  readonly id: string;
  readonly parentId: string | null;
  readonly operation: Operation;
  readonly state: VideoState;
  /** When the upstream was first seen at work on it. */
  readonly startedAt: Date | null;
  readonly createdAt: Date;
  readonly deleted: boolean;
  /** Settled, or estimated while it is not settled; nothing for a failure. */
  readonly costMicroUsd: bigint;
  /** Steps from the video asked for: negative towards its first ancestor, positive towards what was made from it. */
  readonly distance: number;
}

/** Ancestors, the video itself and descendants, bounded both ways. Lineage never leaves the team: the foreign key sees to it. */
export async function listLineage(
  db: Queryable,
  teamId: string,
  id: string,
  max: { depth: number; descendants: number },
): Promise<LineageRow[]> {
  const { rows } = await db.execute<
    Omit<LineageRow, 'costMicroUsd' | 'createdAt' | 'startedAt'> & {
      cost: string;
      created: Date | string;
      started: Date | string | null;
    }
  >(sql`
    with recursive up as (
      select v.id, v.parent_id, 0 as distance from videos v where v.id = ${id} and v.team_id = ${teamId}
      union all
      select p.id, p.parent_id, up.distance - 1 from videos p join up on p.id = up.parent_id
       where p.team_id = ${teamId} and up.distance > ${-max.depth}
    ), down as (
      select v.id, 1 as distance from videos v where v.parent_id = ${id} and v.team_id = ${teamId}
      union all
      select c.id, down.distance + 1 from videos c join down on c.parent_id = down.id
       where c.team_id = ${teamId} and down.distance < ${max.depth}
    ), related as (
      select id, distance from up union all (select id, distance from down order by distance limit ${max.descendants})
    )
    select v.id, v.parent_id as "parentId", v.operation, v.state, v.created_at as created, v.started_at as started, r.distance,
           v.delete_requested_at is not null as deleted,
           (case when v.final_micro is not null then v.final_micro when v.state in ('failed', 'purged') then 0 else v.est_micro end)::text as cost
      from related r join videos v on v.id = r.id
     order by r.distance, v.created_at`);
  return rows.map(({ cost, created, started, ...row }) => ({
    ...row,
    createdAt: new Date(created),
    startedAt: started === null ? null : new Date(started),
    costMicroUsd: BigInt(cost),
  }));
}

// ---- for whoever holds a lease -----------------------------------------------------------------------------------

/** A video and the epoch of the lease under which it may be written. `claimedAt` is of the database's clock. */
export type Claim = VideoRow & { readonly claimedAt: Date };

const asClaim = { ...getTableColumns(videos), claimedAt: now.mapWith(videos.createdAt).as('claimed_at') };

/** Takes the lease of a video that is due in one of these states; null where it is not, or somebody else has it. */
export async function claimAnyVideo(
  db: Queryable,
  id: string,
  states: readonly VideoState[],
  lease: { owner: string; ms: number },
): Promise<Claim | null> {
  const [row] = await db
    .update(videos)
    .set({ leaseOwner: lease.owner, leaseUntil: after(lease.ms), leaseEpoch: sql`${videos.leaseEpoch} + 1` })
    .where(
      and(
        eq(videos.id, id),
        inArray(videos.state, [...states]),
        isNull(videos.quarantinedAt),
        lte(videos.nextActionAt, now),
        or(isNull(videos.leaseUntil), lte(videos.leaseUntil, now)),
      ),
    )
    .returning(asClaim);
  return row ? (row as unknown as Claim) : null;
}

/** As `claimAnyVideo`, for the owner's own wish: it need not be due, only free. */
export async function claimVideo(
  db: Queryable,
  teamId: string,
  id: string,
  state: VideoState,
  lease: { owner: string; ms: number },
): Promise<Claim | null> {
  const [row] = await db
    .update(videos)
    .set({ leaseOwner: lease.owner, leaseUntil: after(lease.ms), leaseEpoch: sql`${videos.leaseEpoch} + 1` })
    .where(
      and(
        eq(videos.id, id),
        visible(teamId),
        eq(videos.state, state),
        or(isNull(videos.leaseUntil), lte(videos.leaseUntil, now)),
      ),
    )
    .returning(asClaim);
  return row ? (row as unknown as Claim) : null;
}

const held = (claim: Pick<Claim, 'id' | 'leaseEpoch'>) =>
  and(eq(videos.id, claim.id), eq(videos.leaseEpoch, claim.leaseEpoch));

/** False where the lease was lost: then somebody else works on the row, and this holder must stop. */
export async function renewLease(db: Queryable, claim: Claim, leaseMs: number): Promise<boolean> {
  const rows = await db
    .update(videos)
    .set({ leaseUntil: after(leaseMs) })
    .where(held(claim))
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
      ...patch,
      state: to,
      failures: 0,
      ...when(due),
    })
    .where(and(held(claim), eq(videos.state, claim.state)))
    .returning();
  return row ? asRow(row) : null;
}

const hiddenAt = sql`case when ${videos.adoptedRetries} = 0 then clock_timestamp() else ${videos.deleteRequestedAt} end`;

/** A patch that hides a refused video as if its owner had deleted it; not one that a repeated request was answered with. */
export const hideRefused: VideoPatch = { deleteRequestedAt: hiddenAt, deletedAt: hiddenAt };

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

/** Ends a video in `purged`: a tombstone without prompt, parameters or bytes, kept for lineage and the ledger. */
export async function markPurged(tx: Queryable, claim: Claim): Promise<boolean> {
  const rows = await tx
    .update(videos)
    .set({
      state: 'purged',
      prompt: '',
      params: {},
      inputs: [],
      metadata: {},
      errorMessage: null,
      purgedAt: now,
      nextActionAt: null,
      leaseOwner: null,
      leaseUntil: null,
    })
    .where(and(held(claim), eq(videos.state, claim.state)))
    .returning({ id: videos.id });
  if (rows.length === 0) return false;
  await tx.update(assets).set({ state: 'deleted' }).where(eq(assets.videoId, claim.id));
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

/**
 * Videos that are overdue with nothing happening: up to `limit` of each state, so that a backlog of one kind of work cannot hide
 * another; in each the nearest archive deadline first.
 */
export async function listAnyOverdueVideos(
  db: Queryable,
  overdueMs: number,
  limit: number,
): Promise<Pick<VideoRow, 'id' | 'state' | 'deleteRequestedAt'>[]> {
  const place = sql`row_number() over (partition by ${videos.state} order by ${videos.archiveDeadlineAt} asc nulls last, ${videos.nextActionAt})`;
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
        lte(
          videos.nextActionAt,
          sql`clock_timestamp() - make_interval(secs => ${overdueMs}::double precision / 1000)`,
        ),
        or(isNull(videos.leaseUntil), lte(videos.leaseUntil, now)),
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

// ---- submissions -------------------------------------------------------------------------------------------------

export async function findAnyLatestSubmission(db: Queryable, videoId: string): Promise<SubmissionRow | null> {
  const [row] = await db
    .select()
    .from(upstreamSubmissions)
    .where(eq(upstreamSubmissions.videoId, videoId))
    .orderBy(desc(upstreamSubmissions.no))
    .limit(1);
  return row ?? null;
}

/** Marks a prepared submission as on its way, or opens the next one where the last provably never left. */
export async function beginSending(
  tx: Queryable,
  video: VideoRow,
  newSubmissionId: string,
): Promise<SubmissionRow> {
  const [prepared] = await tx
    .update(upstreamSubmissions)
    .set({ state: 'sending', sentAt: now })
    .where(and(eq(upstreamSubmissions.videoId, video.id), eq(upstreamSubmissions.state, 'prepared')))
    .returning();
  if (prepared) return prepared;
  const [next] = await tx
    .insert(upstreamSubmissions)
    .values({
      id: newSubmissionId,
      videoId: video.id,
      no: sql`(select coalesce(max(s.no), 0) + 1 from upstream_submissions s where s.video_id = ${video.id})`,
      upstreamAccountId: video.upstreamAccountId,
      visibleFingerprint: video.visibleFingerprint,
      state: 'sending',
      sentAt: now,
    })
    .returning();
  if (!next) throw new Error('the submission was not written');
  return next;
}

export async function endSubmission(
  tx: Queryable,
  videoId: string,
  state: SubmissionRow['state'],
  facts: {
    httpStatus?: number | undefined;
    errorClass?: string | undefined;
    upstreamRequestId?: string | undefined;
  } = {},
): Promise<void> {
  await tx
    .update(upstreamSubmissions)
    .set({
      state,
      endedAt: sql`coalesce(${upstreamSubmissions.endedAt}, clock_timestamp())`,
      ...(facts.httpStatus === undefined ? {} : { httpStatus: facts.httpStatus }),
      ...(facts.errorClass === undefined ? {} : { errorClass: facts.errorClass }),
      ...(facts.upstreamRequestId === undefined ? {} : { upstreamRequestId: facts.upstreamRequestId }),
    })
    .where(
      and(
        eq(upstreamSubmissions.videoId, videoId),
        inArray(upstreamSubmissions.state, ['prepared', 'sending', 'unknown']),
      ),
    );
}

/** It made a video: proved by the upstream's answer, or by finding it, also after it had been given up. */
export async function acceptSubmission(
  tx: Queryable,
  submissionId: string,
  upstreamRequestId?: string,
): Promise<void> {
  await tx
    .update(upstreamSubmissions)
    .set({
      state: 'accepted',
      endedAt: sql`coalesce(${upstreamSubmissions.endedAt}, clock_timestamp())`,
      ...(upstreamRequestId === undefined ? {} : { upstreamRequestId }),
    })
    .where(eq(upstreamSubmissions.id, submissionId));
}

/**
 * Takes a video back for the sender of this submission, whoever holds it: the upstream's own answer outweighs all that was
 * concluded from its absence. Null where the submission is settled, or the video is in none of these states any more.
 */
export async function retakeAnyVideo(
  tx: Queryable,
  id: string,
  submissionId: string,
  states: readonly VideoState[],
): Promise<VideoRow | null> {
  const [row] = await tx
    .update(videos)
    .set({ leaseEpoch: sql`${videos.leaseEpoch} + 1` })
    .where(
      and(
        eq(videos.id, id),
        inArray(videos.state, [...states]),
        isNull(videos.upstreamId),
        sql`exists (select 1 from ${upstreamSubmissions} s where s.id = ${submissionId} and s.video_id = ${videos.id}
                     and s.state in ('sending', 'unknown', 'absent'))`,
      ),
    )
    .returning();
  return row ? asRow(row) : null;
}

/** Another row has this upstream's video: no two ever get the same one. */
export function isUpstreamIdTaken(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error && 'constraint' in cause && cause.constraint === 'videos_upstream_once';
}

/** A create that was sent in a span of time and whose outcome nobody knows. */
export interface UnresolvedRow
  extends Pick<
    VideoRow,
    'id' | 'operation' | 'prompt' | 'upstreamModel' | 'seconds' | 'size' | 'fullFingerprint'
  > {
  readonly sentAt: Date;
  readonly endedAt: Date | null;
  /** Its answer may still come. */
  readonly underWay: boolean;
  /** It is still looked for; otherwise it was given up for good, and only its owner could claim what turns up. */
  readonly lookedFor: boolean;
}

/** Every unresolved create of the same account and prompt from this span, in the order in which videos are assigned to them. */
export async function listAnyUnresolved(
  db: Queryable,
  like: Pick<VideoRow, 'upstreamAccountId' | 'prompt'>,
  sent: { from: Date; to: Date },
): Promise<UnresolvedRow[]> {
  const rows = await db
    .select({
      id: videos.id,
      operation: videos.operation,
      prompt: videos.prompt,
      upstreamModel: videos.upstreamModel,
      seconds: videos.seconds,
      size: videos.size,
      fullFingerprint: videos.fullFingerprint,
      sentAt: upstreamSubmissions.sentAt,
      endedAt: upstreamSubmissions.endedAt,
      underWay: sql<boolean>`${upstreamSubmissions.state} = 'sending' and ${videos.state} = 'submitting'`,
      lookedFor: sql<boolean>`${videos.nextActionAt} is not null`,
    })
    .from(upstreamSubmissions)
    .innerJoin(videos, eq(videos.id, upstreamSubmissions.videoId))
    .where(
      and(
        eq(upstreamSubmissions.upstreamAccountId, like.upstreamAccountId),
        inArray(upstreamSubmissions.state, ['sending', 'unknown', 'absent']),
        between(upstreamSubmissions.sentAt, sent.from, sent.to),
        eq(videos.prompt, like.prompt),
      ),
    )
    // A deleted one comes last: its owner does not want it any more.
    .orderBy(sql`${videos.deleteRequestedAt} is not null`, asc(upstreamSubmissions.sentAt), asc(videos.id));
  return rows as UnresolvedRow[];
}

/** Sends a video again with its source as a file, because the upstream no longer has the source. */
export async function replaceInputs(tx: Queryable, id: string, inputs: readonly VideoInput[]): Promise<void> {
  await tx
    .update(videos)
    .set({ inputs: inputs as unknown as Record<string, unknown>[] })
    .where(eq(videos.id, id));
}

/** Which of these upstream ids belong to rows already. */
export async function listAnyKnownUpstreamIds(
  db: Queryable,
  accountId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .select({ id: videos.upstreamId })
    .from(videos)
    .where(and(eq(videos.upstreamAccountId, accountId), inArray(videos.upstreamId, [...ids])));
  return new Set(rows.flatMap((row) => (row.id === null ? [] : [row.id])));
}

// ---- assets ------------------------------------------------------------------------------------------------------

export async function listAnyAssets(db: Queryable, videoId: string): Promise<AssetRow[]> {
  return await db.select().from(assets).where(eq(assets.videoId, videoId));
}

export interface StoredAsset {
  readonly variant: Variant;
  readonly origin: 'upstream' | 'derived';
  readonly bucket: string;
  readonly objectKey: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly contentType: string;
}

/** Writes the row after the bytes are safe. False where the lease was lost: then the bytes belong to nobody. */
export async function recordStoredAsset(tx: Queryable, claim: Claim, asset: StoredAsset): Promise<boolean> {
  return await recordAsset(tx, claim, {
    ...asset,
    state: 'stored',
    verifiedAt: now,
  });
}

/** False where the lease was lost. */
export async function recordLostAsset(tx: Queryable, claim: Claim, variant: Variant): Promise<boolean> {
  return await recordAsset(tx, claim, { variant, state: 'lost' });
}

/** In a transaction: the row stays locked, so that no other holder comes between the look at the lease and the write. */
async function recordAsset(
  tx: Queryable,
  claim: Claim,
  asset: Partial<StoredAsset> & {
    readonly variant: Variant;
    readonly state: 'stored' | 'lost';
    readonly verifiedAt?: SQL<Date>;
  },
): Promise<boolean> {
  const [holder] = await tx.select({ id: videos.id }).from(videos).where(held(claim)).for('share');
  if (!holder) return false;
  const row = { ...asset, videoId: claim.id, attempt: claim.leaseEpoch };
  await tx
    .insert(assets)
    .values(row)
    .onConflictDoUpdate({ target: [assets.videoId, assets.variant], set: row });
  return true;
}
