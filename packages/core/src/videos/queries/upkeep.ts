/** What goes on beside the life of single videos: faults, alerts, retention, clean-up. */
import { after, ms, now, type Queryable, schema } from '@reelgate/db';
import { and, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm';
import type { UpstreamHandle } from '../../ports/index.ts';
import { asRow, held, type VideoRow } from './rows.ts';

const { assets, retentionRules, spoolFiles, upstreamAccounts, upstreamHooks, upstreamOrphans, videos } =
  schema;

/**
 * An unexpected error at a row: it is given back, tried again after a wait that grows to `maxMs`, and set aside at the `limit`th in
 * a row. Null where this owner no longer holds it: then somebody else decides.
 */
export async function recordFault(
  db: Queryable,
  id: string,
  owner: string,
  policy: { readonly firstMs: number; readonly maxMs: number; readonly limit: number },
): Promise<{ faults: number; quarantined: boolean } | null> {
  const [row] = await db
    .update(videos)
    .set({
      faults: sql`${videos.faults} + 1`,
      nextActionAt: sql`clock_timestamp() + least(${ms(policy.firstMs)} * power(2, least(${videos.faults}, 20)), ${ms(policy.maxMs)})`,
      quarantinedAt: sql`case when ${videos.faults} + 1 >= ${policy.limit} then clock_timestamp() end`,
      leaseOwner: null,
      leaseUntil: null,
    })
    .where(and(eq(videos.id, id), eq(videos.leaseOwner, owner), isNotNull(videos.nextActionAt)))
    .returning({ faults: videos.faults, quarantinedAt: videos.quarantinedAt });
  return row ? { faults: row.faults, quarantined: row.quarantinedAt !== null } : null;
}

/**
 * Finished renders that are not safe yet and for which half of the time, or all but ten minutes, is gone: each is told of once.
 */
export async function alertAtRisk(tx: Queryable, lastMs: number): Promise<VideoRow[]> {
  const rows = await tx
    .update(videos)
    .set({ alertedAt: now })
    .where(
      and(
        eq(videos.state, 'archiving'),
        isNull(videos.alertedAt),
        sql`clock_timestamp() > least(${videos.archiveDeadlineAt} - ${ms(lastMs)},
              ${videos.completedAt} + (${videos.archiveDeadlineAt} - ${videos.completedAt}) / 2)`,
        sql`not exists (select from ${spoolFiles} s where s.video_id = ${videos.id} and s.drained_at is null)`,
      ),
    )
    .returning();
  return rows.map(asRow);
}

/** Renders that take longer than this: each is told of once. */
export async function alertOverdueRenders(tx: Queryable, longerThanMs: number): Promise<VideoRow[]> {
  const rows = await tx
    .update(videos)
    .set({ alertedAt: now })
    .where(
      and(
        eq(videos.state, 'rendering'),
        isNull(videos.alertedAt),
        sql`coalesce(${videos.submittedAt}, ${videos.createdAt}) < clock_timestamp() - ${ms(longerThanMs)}`,
      ),
    )
    .returning();
  return rows.map(asRow);
}

/** Asks for the deletion of finished videos whose team's rule has run out, but for those on hold. */
export async function expireByRetention(
  tx: Queryable,
  limit: number,
): Promise<Pick<VideoRow, 'id' | 'teamId'>[]> {
  const due = tx
    .select({ id: videos.id })
    .from(videos)
    .innerJoin(retentionRules, eq(retentionRules.teamId, videos.teamId))
    .where(
      and(
        inArray(videos.state, ['stored', 'partly_stored']),
        isNull(videos.deleteRequestedAt),
        isNull(videos.legalHoldAt),
        sql`${videos.storedAt} < clock_timestamp() - make_interval(days => ${retentionRules.days})`,
      ),
    )
    .limit(limit)
    .for('update', { of: videos, skipLocked: true });
  return await tx
    .update(videos)
    .set({ deleteRequestedAt: now, deletedAt: now, nextActionAt: now })
    .where(inArray(videos.id, due))
    .returning({ id: videos.id, teamId: videos.teamId });
}

export interface UpstreamCopy {
  readonly id: string;
  readonly upstreamAccountId: string;
  readonly upstreamHandle: UpstreamHandle | null;
}

/** Stored videos whose copy at the upstream is to be erased, and no video is being made from. */
export async function listAnyUpstreamCopiesDue(db: Queryable, limit: number): Promise<UpstreamCopy[]> {
  const rows = await db
    .select({
      id: videos.id,
      upstreamAccountId: videos.upstreamAccountId,
      upstreamHandle: videos.upstreamHandle,
    })
    .from(videos)
    .where(
      and(
        eq(videos.upstreamCopy, 'due'),
        sql`not exists (select from videos child where child.parent_id = ${videos.id}
              and child.state in ('accepted', 'submitting', 'unknown', 'rendering'))`,
      ),
    )
    .orderBy(videos.storedAt)
    .limit(limit);
  return rows as UpstreamCopy[];
}

export async function markUpstreamCopyErased(db: Queryable, id: string): Promise<void> {
  await db.update(videos).set({ upstreamCopy: 'erased' }).where(eq(videos.id, id));
}

/** What is known of videos by the keys of objects that may be theirs. */
export async function listAnyOwnersOfObjects(
  db: Queryable,
  objects: readonly { readonly key: string; readonly videoId: string }[],
): Promise<{
  /** The state of each video that there is. */
  readonly known: ReadonlyMap<string, string>;
  readonly referenced: ReadonlySet<string>;
  /** `<video id>/<variant>` of what is stored, under whatever key. */
  readonly stored: ReadonlySet<string>;
}> {
  const ids = sql.param([...new Set(objects.map(({ videoId }) => videoId))]);
  const rows = await db
    .select({ id: videos.id, state: videos.state, inputs: videos.inputs })
    .from(videos)
    .where(sql`${videos.id} = any(${ids}::text[])`);
  const stored = await db
    .select({ videoId: assets.videoId, variant: assets.variant, key: assets.objectKey })
    .from(assets)
    .where(and(sql`${assets.videoId} = any(${ids}::text[])`, eq(assets.state, 'stored')));
  return {
    known: new Map(rows.map(({ id, state }) => [id, state])),
    stored: new Set(stored.map(({ videoId, variant }) => `${videoId}/${variant}`)),
    referenced: new Set([
      ...stored.flatMap(({ key }) => (key === null ? [] : [key])),
      ...rows.flatMap(({ inputs }) =>
        inputs.flatMap((input) => (typeof input.objectKey === 'string' ? [input.objectKey] : [])),
      ),
    ]),
  };
}

/** Notes videos of an upstream that neither a row nor an orphan explains. Resolves to the upstream's ids of those that are new. */
export async function recordOrphans(
  db: Queryable,
  accountId: string,
  shown: readonly {
    readonly id: string;
    readonly createdAt: Date;
    readonly snapshot: Record<string, unknown>;
  }[],
  olderThanMs: number,
): Promise<string[]> {
  if (shown.length === 0) return [];
  const { rows } = await db.execute<{ upstream_id: string }>(sql`
    insert into upstream_orphans (account_id, upstream_id, snapshot)
    select ${accountId}, d.id, d.snapshot
      from jsonb_to_recordset(${JSON.stringify(shown)}::jsonb) as d (id text, "createdAt" timestamptz, snapshot jsonb)
      join upstream_accounts a on a.id = ${accountId}
     where d."createdAt" > a.created_at and d."createdAt" < clock_timestamp() - ${ms(olderThanMs)}
       and not exists (select from videos v where v.upstream_account_id = ${accountId} and v.upstream_id = d.id)
    on conflict do nothing
    returning upstream_id`);
  return rows.map((row) => row.upstream_id);
}

/** An orphan that a row explains after all. */
export async function explainOrphan(
  tx: Queryable,
  orphan: { readonly accountId: string; readonly upstreamId: string },
  videoId: string,
): Promise<void> {
  await tx
    .update(upstreamOrphans)
    .set({ state: 'adopted', adoptedVideoId: videoId })
    .where(
      and(
        eq(upstreamOrphans.upstreamAccountId, orphan.accountId),
        eq(upstreamOrphans.upstreamId, orphan.upstreamId),
      ),
    );
}

/** When this account was first known: what it shows from before is none of ours. */
export async function findAnyAccountStart(db: Queryable, accountId: string): Promise<Date | null> {
  const [row] = await db
    .select({ createdAt: upstreamAccounts.createdAt })
    .from(upstreamAccounts)
    .where(eq(upstreamAccounts.id, accountId));
  return row?.createdAt ?? null;
}

/** True where this id had not been seen. */
export async function recordHook(db: Queryable, accountId: string, hookId: string): Promise<boolean> {
  const rows = await db
    .insert(upstreamHooks)
    .values({ upstreamAccountId: accountId, hookId })
    .onConflictDoNothing()
    .returning({ hookId: upstreamHooks.hookId });
  return rows.length === 1;
}

export async function forgetHooks(db: Queryable, olderThanMs: number): Promise<number> {
  const { rowCount } = await db
    .delete(upstreamHooks)
    .where(sql`${upstreamHooks.receivedAt} < clock_timestamp() - ${ms(olderThanMs)}`);
  return rowCount ?? 0;
}

/** Makes a render due now. Null where there is none with this id, or it has ended. */
export async function hurryAnyRender(
  db: Queryable,
  accountId: string,
  upstreamId: string,
): Promise<string | null> {
  const [row] = await db
    .update(videos)
    .set({ nextActionAt: sql`least(${videos.nextActionAt}, ${after(0)})` })
    .where(
      and(
        eq(videos.upstreamAccountId, accountId),
        eq(videos.upstreamId, upstreamId),
        eq(videos.state, 'rendering'),
      ),
    )
    .returning({ id: videos.id });
  return row?.id ?? null;
}

/** Marks the bytes of a deleted video as going: from here on its deletion cannot be undone. False where the lease was lost. */
export async function beginPurge(
  tx: Queryable,
  claim: Pick<VideoRow, 'id' | 'leaseEpoch'>,
): Promise<boolean> {
  const [holder] = await tx
    .select({ id: videos.id })
    .from(videos)
    .where(and(held(claim), isNotNull(videos.deleteRequestedAt), isNull(videos.legalHoldAt)))
    .for('update');
  if (!holder) return false;
  await tx.update(assets).set({ state: 'deleted' }).where(eq(assets.videoId, claim.id));
  return true;
}

export async function findRetention(
  db: Queryable,
  teamId: string,
): Promise<typeof retentionRules.$inferSelect | null> {
  const [row] = await db.select().from(retentionRules).where(eq(retentionRules.teamId, teamId));
  return row ?? null;
}

/** Null days: the team keeps its videos. Resolves to the days before; null where there was no rule. */
export async function replaceRetention(
  tx: Queryable,
  teamId: string,
  days: number | null,
): Promise<number | null> {
  const [before] = await tx.delete(retentionRules).where(eq(retentionRules.teamId, teamId)).returning();
  if (days !== null) await tx.insert(retentionRules).values({ teamId, days });
  return before?.days ?? null;
}
