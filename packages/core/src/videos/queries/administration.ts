/** What administrators look up and change: every function takes the scope of whoever asks. */
import { now, type Queryable, schema } from '@reelgate/db';
import { and, desc, eq, gt, inArray, lt, or, type SQL, sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import { asRow, type VideoPatch, type VideoRow } from './rows.ts';

const { apiKeys, assets, models, prices, quotaReservations, teams, upstreamOrphans, videos } = schema;

const inScope = (scope: TeamScope): SQL | undefined =>
  scope === 'all' ? undefined : inArray(videos.teamId, [...scope]);

/** Locked until the end of the transaction. Null where there is none, or it is none of theirs. */
export async function lockVideoOf(tx: Queryable, scope: TeamScope, id: string): Promise<VideoRow | null> {
  const [row] = await tx
    .select()
    .from(videos)
    .where(and(eq(videos.id, id), inScope(scope)))
    .for('update');
  return row ? asRow(row) : null;
}

/** Of a row that is locked. A change of what is due ends the lease of whoever works on it. */
export async function changeVideo(tx: Queryable, id: string, patch: VideoPatch): Promise<void> {
  await tx.update(videos).set(patch).where(eq(videos.id, id));
}

/** True where nothing of what is stored of a video has begun to go. */
export async function keepsItsBytes(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx
    .select({ variant: assets.variant })
    .from(assets)
    .where(and(eq(assets.videoId, id), eq(assets.state, 'deleted')))
    .limit(1);
  return rows.length === 0;
}

/** How the reservations of a video stand that are not over yet. */
export async function findOpenReservation(tx: Queryable, videoId: string): Promise<'held' | 'parked' | null> {
  const rows = await tx
    .select({ state: quotaReservations.state })
    .from(quotaReservations)
    .where(and(eq(quotaReservations.videoId, videoId), inArray(quotaReservations.state, ['held', 'parked'])));
  if (rows.some(({ state }) => state === 'parked')) return 'parked';
  return rows.length > 0 ? 'held' : null;
}

export interface ParkedVideo
  extends Pick<
    VideoRow,
    'id' | 'teamId' | 'model' | 'upstreamAccountId' | 'errorCode' | 'errorMessage' | 'createdAt'
  > {
  readonly teamName: string;
  readonly costMicroUsd: bigint;
}

/** Videos whose cost waits for a decision, the newest first, from the one before `after` on. */
export async function listParked(
  db: Queryable,
  scope: TeamScope,
  page: { readonly teamId?: string | undefined; readonly after: string | null; readonly limit: number },
): Promise<ParkedVideo[]> {
  const afterRow = db
    .select({ at: videos.createdAt })
    .from(videos)
    .where(eq(videos.id, page.after ?? ''));
  return await db
    .select({
      id: videos.id,
      teamId: videos.teamId,
      teamName: teams.name,
      model: videos.model,
      upstreamAccountId: videos.upstreamAccountId,
      errorCode: videos.errorCode,
      errorMessage: videos.errorMessage,
      createdAt: videos.createdAt,
      costMicroUsd: videos.estimatedMicroUsd,
    })
    .from(videos)
    .innerJoin(teams, eq(teams.id, videos.teamId))
    .where(
      and(
        inScope(scope),
        page.teamId === undefined ? undefined : eq(videos.teamId, page.teamId),
        sql`exists (select from quota_reservations r where r.video_id = ${videos.id} and r.state = 'parked')`,
        page.after === null
          ? undefined
          : or(
              lt(videos.createdAt, sql`(${afterRow})`),
              and(eq(videos.createdAt, sql`(${afterRow})`), lt(videos.id, page.after)),
            ),
      ),
    )
    .orderBy(desc(videos.createdAt), desc(videos.id))
    .limit(page.limit);
}

export type OrphanRow = typeof upstreamOrphans.$inferSelect;

/** By account and the upstream's id, from the one behind `after` on. */
export async function listAnyOrphans(
  db: Queryable,
  filter: { readonly accountId?: string | undefined; readonly state?: OrphanRow['state'] | undefined },
  page: { readonly after: { accountId: string; upstreamId: string } | null; readonly limit: number },
): Promise<OrphanRow[]> {
  const { after } = page;
  return await db
    .select()
    .from(upstreamOrphans)
    .where(
      and(
        filter.accountId === undefined ? undefined : eq(upstreamOrphans.upstreamAccountId, filter.accountId),
        filter.state === undefined ? undefined : eq(upstreamOrphans.state, filter.state),
        after === null
          ? undefined
          : or(
              gt(upstreamOrphans.upstreamAccountId, after.accountId),
              and(
                eq(upstreamOrphans.upstreamAccountId, after.accountId),
                gt(upstreamOrphans.upstreamId, after.upstreamId),
              ),
            ),
      ),
    )
    .orderBy(upstreamOrphans.upstreamAccountId, upstreamOrphans.upstreamId)
    .limit(page.limit);
}

/** Decides over an orphan that is still only seen. False where there is none. */
export async function ignoreSeenOrphan(
  tx: Queryable,
  orphan: { readonly accountId: string; readonly upstreamId: string },
  decidedBy: string,
): Promise<boolean> {
  const rows = await tx
    .update(upstreamOrphans)
    .set({ state: 'ignored', decidedBy })
    .where(
      and(
        eq(upstreamOrphans.upstreamAccountId, orphan.accountId),
        eq(upstreamOrphans.upstreamId, orphan.upstreamId),
        inArray(upstreamOrphans.state, ['seen', 'archived']),
      ),
    )
    .returning({ id: upstreamOrphans.upstreamId });
  return rows.length === 1;
}

/** What an adopted video needs to be a row like any other: its model by the upstream's name of it, its price, a key of the team. */
export async function findAnyAdoptionTerms(
  db: Queryable,
  teamId: string,
  accountId: string,
  shown: { readonly model?: string; readonly size?: string },
): Promise<{
  model: string;
  upstreamModel: string;
  size: string;
  priceId: string;
  perSecondMicroUsd: bigint;
  keyId: string;
} | null> {
  const [row] = await db
    .select({
      model: models.name,
      upstreamModel: models.upstreamModel,
      size: prices.size,
      priceId: prices.id,
      perSecondMicroUsd: prices.perSecondMicroUsd,
      keyId: apiKeys.id,
    })
    .from(models)
    .innerJoin(prices, eq(prices.model, models.name))
    .innerJoin(apiKeys, eq(apiKeys.teamId, teamId))
    .where(
      and(
        eq(models.upstreamAccountId, accountId),
        shown.model === undefined ? undefined : eq(models.upstreamModel, shown.model),
        eq(prices.size, shown.size ?? models.defaultSize),
        sql`${prices.validFrom} <= clock_timestamp()`,
      ),
    )
    .orderBy(desc(prices.validFrom), desc(apiKeys.createdAt))
    .limit(1);
  return row ?? null;
}

/** A row for a video that an upstream has made already. */
export async function insertAdopted(tx: Queryable, row: typeof videos.$inferInsert): Promise<void> {
  await tx.insert(videos).values({ ...row, submittedAt: now, nextActionAt: now });
}
