/** What waits to be archived: whose turn it is, and what lies in the spool. */
import type { Variant } from '@reelgate/contract';
import { ms, now, type Queryable, schema } from '@reelgate/db';
import { and, eq, getTableColumns, inArray, isNull, like, sql } from 'drizzle-orm';
import { claimAnyWhere, type Lease } from './claim.ts';
import { type Claim, held, storedAt } from './rows.ts';

const { assets, spoolFiles, videos } = schema;

export type SpoolFileRow = typeof spoolFiles.$inferSelect;

/** While a spool's volume is away its videos are left alone for so long, in ms, then looked for at the upstream again. */
const SPOOL_AWAY_MS = 10 * 60_000;
/** And only after so long is one of them given up, in ms. */
export const SPOOL_WAIT_MS = 24 * 60 * 60_000;

/** Due, free, and not in the spool of another volume. */
const waiting = (volumeId: string) => sql`
  v.state = 'archiving' and v.next_action_at <= clock_timestamp() and v.quarantined_at is null
  and (v.lease_until is null or v.lease_until <= clock_timestamp())
  and not exists (select from upstream_accounts a where a.id = v.upstream_account_id and a.intake = 'disabled')
  and not exists (select from spool_files s where s.video_id = v.id and s.drained_at is null and s.volume_id <> ${volumeId}
                     and s.created_at > clock_timestamp() - ${ms(SPOOL_AWAY_MS)})`;

/** Takes the video whose deadline is nearest, but of no account among `passingOver`, and with `withinMs` only one that is so near. */
export async function claimAnyMostUrgentArchive(
  db: Queryable,
  lease: Lease,
  choice: { volumeId: string; passingOver: readonly string[]; withinMs?: number | undefined },
): Promise<Claim | null> {
  const near =
    choice.withinMs === undefined
      ? sql`true`
      : sql`v.archive_deadline_at <= clock_timestamp() + ${ms(choice.withinMs)}`;
  const [claim] = await claimAnyWhere(
    db,
    lease,
    sql`${videos.id} = (
      select v.id from videos v
       where ${waiting(choice.volumeId)} and ${near}
         and v.upstream_account_id <> all(${sql.param([...choice.passingOver])}::text[])
       order by v.archive_deadline_at nulls last limit 1 for update skip locked)`,
  );
  return claim ?? null;
}

export async function isAnyArchiveWaiting(db: Queryable): Promise<boolean> {
  const { rows } = await db.execute<{ waits: boolean }>(
    sql`select exists (select from videos v where ${waiting('')}) as waits`,
  );
  return rows[0]?.waits ?? false;
}

export async function findAnySpooled(
  db: Queryable,
  videoId: string,
  variant: Variant,
): Promise<SpoolFileRow | null> {
  const [row] = await db
    .select()
    .from(spoolFiles)
    .where(
      and(eq(spoolFiles.videoId, videoId), eq(spoolFiles.variant, variant), isNull(spoolFiles.drainedAt)),
    );
  return row ?? null;
}

/** What a volume holds, in bytes. */
export async function sumSpooledBytes(db: Queryable, volumeId: string): Promise<number> {
  const [row] = await db
    .select({ bytes: sql<string>`coalesce(sum(${spoolFiles.bytes}), 0)` })
    .from(spoolFiles)
    .where(and(eq(spoolFiles.volumeId, volumeId), isNull(spoolFiles.drainedAt)));
  return Number(row?.bytes ?? 0);
}

/** Writes the row after the bytes are safe. False where the lease was lost: then the bytes belong to nobody. */
export async function recordSpooled(
  tx: Queryable,
  claim: Claim,
  file: Pick<SpoolFileRow, 'volumeId' | 'path' | 'variant' | 'bytes' | 'sha256'>,
): Promise<boolean> {
  const [holder] = await tx.select({ id: videos.id }).from(videos).where(held(claim)).for('share');
  if (!holder) return false;
  await tx.insert(spoolFiles).values({ ...file, videoId: claim.id });
  return true;
}

/** It is safe elsewhere, or not there at all. */
export async function endSpooled(
  tx: Queryable,
  file: Pick<SpoolFileRow, 'volumeId' | 'path'>,
): Promise<void> {
  await tx
    .update(spoolFiles)
    .set({ drainedAt: now })
    .where(and(eq(spoolFiles.volumeId, file.volumeId), eq(spoolFiles.path, file.path)));
}

/** Where what a volume holds lies, as far as it is known. */
export async function listAnySpooledPaths(db: Queryable, volumeId: string): Promise<string[]> {
  const rows = await db
    .select({ path: spoolFiles.path })
    .from(spoolFiles)
    .where(and(eq(spoolFiles.volumeId, volumeId), isNull(spoolFiles.drainedAt)));
  return rows.map(({ path }) => path);
}

/** Files of a volume whose videos were given up as lost, as one is whose volume is away for too long. */
export async function listAnySpooledOfLost(db: Queryable, volumeId: string): Promise<SpoolFileRow[]> {
  return await db
    .select(getTableColumns(spoolFiles))
    .from(spoolFiles)
    .innerJoin(videos, eq(videos.id, spoolFiles.videoId))
    .where(
      and(
        eq(spoolFiles.volumeId, volumeId),
        isNull(spoolFiles.drainedAt),
        eq(videos.state, 'content_lost'),
        isNull(videos.deleteRequestedAt),
      ),
    );
}

/** To be archived again, at once, and given up again where nothing is there after all. False where it was not lost any more. */
export async function reviveAnyLost(tx: Queryable, videoId: string): Promise<boolean> {
  const rows = await tx
    .update(videos)
    .set({
      state: 'archiving',
      errorCode: null,
      errorMessage: null,
      errorDetails: null,
      failures: 0,
      archiveDeadlineAt: now,
      nextActionAt: now,
      leaseOwner: null,
      leaseUntil: null,
      leaseEpoch: sql`${videos.leaseEpoch} + 1`,
    })
    .where(and(eq(videos.id, videoId), eq(videos.state, 'content_lost'), isNull(videos.deleteRequestedAt)))
    .returning({ id: videos.id });
  if (rows.length === 0) return false;
  await tx
    .delete(assets)
    .where(and(eq(assets.videoId, videoId), eq(assets.variant, 'video'), eq(assets.state, 'lost')));
  return true;
}

/** Makes the row that was missing. False where the video is not to be archived any more, or another file of it lies in a spool. */
export async function adoptSpooled(
  tx: Queryable,
  file: Omit<SpoolFileRow, 'createdAt' | 'drainedAt'>,
): Promise<boolean> {
  const [video] = await tx
    .select({ id: videos.id })
    .from(videos)
    .where(and(eq(videos.id, file.videoId), inArray(videos.state, ['archiving', 'content_lost'])))
    .for('update');
  if (!video) return false;
  const spooled = await findAnySpooled(tx, file.videoId, 'video');
  // Another worker on this volume may have been quicker.
  if (spooled) return spooled.volumeId === file.volumeId && spooled.path === file.path;
  await tx
    .insert(spoolFiles)
    .values(file)
    .onConflictDoUpdate({
      target: [spoolFiles.volumeId, spoolFiles.path],
      set: { ...file, drainedAt: null },
    });
  return true;
}

export interface LifeboatAsset {
  readonly videoId: string;
  readonly teamId: string;
  readonly variant: Variant;
  readonly objectKey: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly contentType: string;
}

/** Stored files whose key begins so: those behind `after` first, then from the beginning. */
export async function listAnyInLifeboat(
  db: Queryable,
  prefix: string,
  after: string,
  limit: number,
): Promise<LifeboatAsset[]> {
  const rows = await db
    .select({
      videoId: assets.videoId,
      teamId: videos.teamId,
      variant: assets.variant,
      objectKey: assets.objectKey,
      bytes: assets.bytes,
      sha256: assets.sha256,
      contentType: assets.contentType,
    })
    .from(assets)
    .innerJoin(videos, eq(videos.id, assets.videoId))
    .where(
      and(
        like(assets.objectKey, 'lifeboat/%'),
        sql`starts_with(${assets.objectKey}, ${prefix})`,
        eq(assets.state, 'stored'),
      ),
    )
    .orderBy(sql`${assets.objectKey} <= ${after}`, assets.objectKey)
    .limit(limit);
  return rows as LifeboatAsset[];
}

/** Its bytes are elsewhere now. False where it has been deleted or moved since. */
export async function moveAnyAsset(
  tx: Queryable,
  asset: Pick<LifeboatAsset, 'videoId' | 'variant' | 'objectKey'>,
  to: { readonly objectKey: string; readonly bucket: string },
): Promise<boolean> {
  const rows = await tx.update(assets).set(to).where(storedAt(asset)).returning({ videoId: assets.videoId });
  return rows.length === 1;
}
