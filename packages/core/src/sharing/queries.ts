/** All SQL of share links. */
import type { Variant } from '@reelgate/contract';
import { type Queryable, schema } from '@reelgate/db';
import { and, desc, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { TeamScope } from '../context.ts';

const { shareLinks } = schema;

export type ShareLinkRow = Omit<typeof shareLinks.$inferSelect, 'tokenHash'>;

const shown = {
  id: shareLinks.id,
  teamId: shareLinks.teamId,
  videoId: shareLinks.videoId,
  variant: shareLinks.variant,
  createdById: shareLinks.createdById,
  createdByName: shareLinks.createdByName,
  createdAt: shareLinks.createdAt,
  expiresAt: shareLinks.expiresAt,
  revokedAt: shareLinks.revokedAt,
};

/** Null where the time of its end is over, or more than `maxDays` away. */
export async function insertShareLink(
  db: Queryable,
  row: Omit<typeof shareLinks.$inferInsert, 'expiresAt'> & { readonly expiresAt: Date | null },
  days: { readonly usual: number; readonly max: number },
): Promise<ShareLinkRow | null> {
  const { rows } = await db.execute<{ at: string }>(sql`
    select e.at from (select coalesce(${row.expiresAt?.toISOString() ?? null}::timestamptz, clock_timestamp() + make_interval(days => ${days.usual})) as at) e
     where e.at > clock_timestamp() and e.at <= clock_timestamp() + make_interval(days => ${days.max})`);
  const [allowed] = rows;
  if (!allowed) return null;
  const [inserted] = await db
    .insert(shareLinks)
    .values({ ...row, expiresAt: new Date(allowed.at) })
    .returning(shown);
  return inserted ?? null;
}

/** Newest first. */
export async function listShareLinksOf(
  db: Queryable,
  teamId: string,
  videoId: string,
): Promise<ShareLinkRow[]> {
  return await db
    .select(shown)
    .from(shareLinks)
    .where(and(eq(shareLinks.teamId, teamId), eq(shareLinks.videoId, videoId)))
    .orderBy(desc(shareLinks.createdAt), desc(shareLinks.id));
}

export async function findShareLink(
  db: Queryable,
  scope: TeamScope,
  id: string,
): Promise<ShareLinkRow | null> {
  const mine = scope === 'all' ? undefined : inArray(shareLinks.teamId, [...scope]);
  const [row] = await db
    .select(shown)
    .from(shareLinks)
    .where(and(eq(shareLinks.id, id), mine));
  return row ?? null;
}

/** Null where it was revoked before. */
export async function markShareLinkRevoked(
  db: Queryable,
  teamId: string,
  id: string,
): Promise<ShareLinkRow | null> {
  const [row] = await db
    .update(shareLinks)
    .set({ revokedAt: sql`clock_timestamp()` })
    .where(and(eq(shareLinks.id, id), eq(shareLinks.teamId, teamId), isNull(shareLinks.revokedAt)))
    .returning(shown);
  return row ?? null;
}

/** What a token that is good now shows. The token is the permission: whose the video is comes from the row. */
export async function findSharedByHash(
  db: Queryable,
  tokenHash: string,
): Promise<{ teamId: string; videoId: string; variant: Variant } | null> {
  const [row] = await db
    .select({ teamId: shareLinks.teamId, videoId: shareLinks.videoId, variant: shareLinks.variant })
    .from(shareLinks)
    .where(
      and(
        eq(shareLinks.tokenHash, tokenHash),
        isNull(shareLinks.revokedAt),
        sql`${shareLinks.expiresAt} > clock_timestamp()`,
      ),
    );
  return row ?? null;
}
