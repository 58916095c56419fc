/** The stored files of a video. */
import type { Variant } from '@reelgate/contract';
import { now, type Queryable, schema } from '@reelgate/db';
import { and, eq, gte, type SQL, sql } from 'drizzle-orm';
import { type AssetRow, type Claim, held, storedAt } from './rows.ts';

const { assets, videos } = schema;

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

/** A stored file found again. False where the video has one of this variant. */
export async function insertRebuiltAsset(
  db: Queryable,
  videoId: string,
  asset: Omit<StoredAsset, 'origin'>,
): Promise<boolean> {
  const row = { ...asset, videoId, origin: 'upstream' as const, state: 'stored' as const, verifiedAt: now };
  const rows = await db
    .insert(assets)
    .values(row)
    .onConflictDoUpdate({
      target: [assets.videoId, assets.variant],
      set: row,
      setWhere: sql`${assets.state} not in ('stored', 'deleted')`,
    })
    .returning({ videoId: assets.videoId });
  return rows.length === 1;
}

/** Stored files of this video and of those whose ids come after it. */
export async function listAnyStoredFrom(
  db: Queryable,
  videoId: string,
  limit: number,
): Promise<(Omit<StoredAsset, 'origin' | 'contentType'> & { readonly videoId: string })[]> {
  const rows = await db
    .select({
      videoId: assets.videoId,
      variant: assets.variant,
      bucket: assets.bucket,
      objectKey: assets.objectKey,
      bytes: assets.bytes,
      sha256: assets.sha256,
    })
    .from(assets)
    .where(and(gte(assets.videoId, videoId), eq(assets.state, 'stored')))
    .orderBy(assets.videoId, assets.variant)
    .limit(limit);
  return rows as Awaited<ReturnType<typeof listAnyStoredFrom>>;
}

/** Notes that it was found as it was stored. False where it lies elsewhere by now, or is gone. */
export async function noteAnyVerified(
  db: Queryable,
  asset: { readonly videoId: string; readonly variant: Variant; readonly objectKey: string },
  isSame: boolean,
): Promise<boolean> {
  const rows = await db
    .update(assets)
    .set({ verifiedAt: isSame ? now : sql`${assets.verifiedAt}` })
    .where(storedAt(asset))
    .returning({ videoId: assets.videoId });
  return rows.length === 1;
}
