import { after, now, type Queryable, schema } from '@reelgate/db';
import { and, getTableColumns, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
import type { Claim } from './rows.ts';

const { videos } = schema;

export interface Lease {
  readonly owner: string;
  readonly ms: number;
}

/** Held by nobody. */
export const free = () => or(isNull(videos.leaseUntil), lte(videos.leaseUntil, now));

/** Takes the lease of the videos that meet all of the conditions. The new epoch shuts out whoever had it before. */
export async function claimAnyWhere(
  db: Queryable,
  lease: Lease,
  first: SQL,
  ...conditions: (SQL | undefined)[]
): Promise<Claim[]> {
  const rows = await db
    .update(videos)
    .set({ leaseOwner: lease.owner, leaseUntil: after(lease.ms), leaseEpoch: sql`${videos.leaseEpoch} + 1` })
    .where(and(first, ...conditions))
    .returning({
      ...getTableColumns(videos),
      claimedAt: now.mapWith(videos.createdAt).as('claimed_at'),
    });
  return rows as unknown as Claim[];
}
