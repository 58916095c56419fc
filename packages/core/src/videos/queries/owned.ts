/** What a caller may do: every function takes the team. */
import type { ListOrder, Operation, Variant } from '@reelgate/contract';
import { now, prepared, type Queryable, schema } from '@reelgate/db';
import { and, asc, desc, eq, getTableColumns, inArray, isNull, sql } from 'drizzle-orm';
import type { VideoWebhook } from '../../webhooks/index.ts';
import type { VideoInput } from '../inputs.ts';
import type { VideoState } from '../state.ts';
import { type AssetRow, asOwnRow, expiresAt, type OwnVideoRow, visible } from './rows.ts';

const { assets, videos } = schema;

const asOwn = { ...getTableColumns(videos), expiresAt };

/** With its `webhook_url` where it has one. */
export interface AcceptedVideo extends Partial<VideoWebhook> {
  readonly id: string;
  readonly teamId: string;
  readonly keyId: string;
  /** Of a test key: of all limits, only the key's own count it. */
  readonly isTest: boolean;
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
  /** How long ago the request came in, in ms. */
  readonly ageMs: number;
  /** The same by this process's clock, in ms since 1970: a wait for a connection comes on top of `ageMs`. */
  readonly receivedAtMs: number;
  /** Answer with a finished video of the same request, if there is one. */
  readonly reuse: boolean;
}

const acceptStatement = prepared((db) =>
  db
    .select({
      videoId: sql<string>`video_id`,
      replayed: sql<boolean>`replayed`,
      createdAt: sql<Date>`created_at`.mapWith(videos.createdAt),
      refusal: sql<unknown>`refusal`,
      quota: sql<unknown>`quota`,
    })
    .from(sql`accept_video(${sql.placeholder('video')}::jsonb)`)
    .prepare('accept_video'),
);

export interface Acceptance {
  readonly videoId: string;
  readonly replayed: boolean;
  readonly createdAt: Date;
  /** Of the caller's own limits, how the one stands that has the smallest part of itself left; for `parseStanding`. */
  readonly quota: unknown;
}

/**
 * Row, reservation and submission in one statement; or, for a request that was accepted before, the video of that (`replayed`).
 * A `refusal` is for `explainRefusal`. Throws RG422 where the idempotency key was used for another request.
 */
export async function acceptVideo(
  db: Queryable,
  video: AcceptedVideo,
): Promise<Acceptance | { readonly refusal: unknown }> {
  const [row] = await acceptStatement(db).execute({
    video: JSON.stringify(video),
  });
  if (!row) throw new Error('accept_video answered nothing');
  const { refusal, ...acceptance } = row;
  return refusal === null ? acceptance : { refusal };
}

/** The answer to its create was wholly sent. */
export async function markAnswered(db: Queryable, teamId: string, id: string): Promise<void> {
  await db
    .update(videos)
    .set({ answeredAt: now })
    .where(and(eq(videos.id, id), eq(videos.teamId, teamId)));
}

/** Its caller has its id. */
export async function markRead(db: Queryable, teamId: string, id: string): Promise<void> {
  await db
    .update(videos)
    .set({ readAt: now })
    .where(and(eq(videos.id, id), eq(videos.teamId, teamId), isNull(videos.readAt)));
}

const findStatement = prepared((db) =>
  db
    .select(asOwn)
    .from(videos)
    .where(and(eq(videos.id, sql.placeholder('id')), visible(sql.placeholder('teamId'))))
    .prepare('find_video'),
);

/** Null where it does not exist, is deleted, or is another team's: a caller cannot tell which. */
export async function findVideo(db: Queryable, teamId: string, id: string): Promise<OwnVideoRow | null> {
  const [row] = await findStatement(db).execute({ id, teamId });
  return row ? asOwnRow(row) : null;
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

export async function listVideos(db: Queryable, teamId: string, page: VideoListing): Promise<OwnVideoRow[]> {
  const direction = page.order === 'asc' ? asc : desc;
  const comparison = sql.raw(page.order === 'asc' ? '>' : '<');
  const rows = await db
    .select(asOwn)
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
  return rows.map(asOwnRow);
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
      select id, distance from up union all
      -- In the order of the recursion, so nearest first; to sort would be to find all of them before the first is taken.
      (select id, distance from down limit ${max.descendants})
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
