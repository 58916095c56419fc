import type { Queryable } from '@reelgate/db';
import { sql } from 'drizzle-orm';
import type { QuotaMetric } from './limits.ts';

/** Decimal strings: micro-US-dollars, seconds or videos. */
export type QuotaAmounts = Partial<Record<QuotaMetric, string>>;

/** Ends a video's reservations, once: settled with the actual amounts, or released. */
export async function finishReservations(
  db: Queryable,
  videoId: string,
  actual: QuotaAmounts | null,
): Promise<void> {
  await db.execute(
    sql`select quota_finish(${videoId}, ${actual === null ? null : JSON.stringify(actual)}::jsonb)`,
  );
}

/** Takes what a video needs from every quota that applies, as accepting it does. Throws RG429 or RG400 where it does not fit. */
export async function reserveAmounts(
  tx: Queryable,
  video: { readonly id: string; readonly keyId: string; readonly teamId: string; readonly model: string },
  amounts: QuotaAmounts,
): Promise<void> {
  await tx.execute(
    sql`select quota_reserve(${video.id}, ${video.keyId}, ${video.teamId}, 'org', ${JSON.stringify(amounts)}::jsonb,
                             ${video.model}, '{}'::jsonb, clock_timestamp())`,
  );
}

/** True for the error with which a quota refuses. */
export function isQuotaRefusal(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error && 'code' in cause && (cause.code === 'RG429' || cause.code === 'RG400');
}

/** What a video may have cost counts as spent until an admin decides; it is no longer in flight. */
export async function parkReservations(db: Queryable, videoId: string): Promise<void> {
  await db.execute(sql`select quota_park(${videoId})`);
}

/** What a limit may ask of a video before it counts it. */
export interface Countable {
  readonly amounts: QuotaAmounts;
  readonly model: string;
  /** The caller's own labels. */
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Every limit that applies to a video, as it stands now, in the order in which a reservation takes them; for `parseLimitState`.
 */
export async function lookAtLimits(
  db: Queryable,
  teamId: string,
  keyId: string,
  { amounts, model, tags }: Countable,
): Promise<unknown[]> {
  const { rows } = await db.execute<{ state: unknown }>(
    sql`select state from quota_look(${keyId}, ${teamId}, 'org', ${JSON.stringify(amounts)}::jsonb, ${model},
                                     ${JSON.stringify(tags)}::jsonb) as state`,
  );
  return rows.map((row) => row.state);
}
