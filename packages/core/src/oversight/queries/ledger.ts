import type { Queryable } from '@reelgate/db';
import { type SQL, sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import { textArray } from './conditions.ts';

export type LedgerKind = 'reserve' | 'settle' | 'release' | 'overrun' | 'adjust' | 'grant';

export interface LedgerRow {
  readonly id: number;
  readonly at: Date;
  readonly kind: LedgerKind;
  readonly quotaId: string;
  readonly scopeKind: 'org' | 'team' | 'key';
  readonly scopeId: string;
  readonly metric: 'cost' | 'seconds' | 'videos' | 'concurrent';
  readonly periodStart: Date;
  readonly videoId: string | null;
  readonly reservedDelta: bigint;
  readonly settledDelta: bigint;
  readonly actor: string | null;
  readonly reason: string | null;
}

export interface LedgerFilter {
  readonly teamId?: string | undefined;
  readonly quotaId?: string | undefined;
  readonly videoId?: string | undefined;
  readonly metric?: string | undefined;
  readonly kinds?: readonly string[] | undefined;
  /** Inclusive, and exclusive. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** Newest first, before `beforeId`. A team's books are those of its own limits and of its keys'; never the organization's. */
export async function listLedger(
  db: Queryable,
  scope: TeamScope,
  filter: LedgerFilter,
  page: { readonly beforeId: number | null; readonly limit: number },
): Promise<LedgerRow[]> {
  const parts: SQL[] = [sql`true`];
  if (scope !== 'all') parts.push(ofTeams(scope));
  if (filter.teamId !== undefined) parts.push(ofTeams([filter.teamId]));
  if (filter.quotaId !== undefined) parts.push(sql`q.id = ${filter.quotaId}`);
  if (filter.videoId !== undefined) parts.push(sql`l.video_id = ${filter.videoId}`);
  if (filter.metric !== undefined) parts.push(sql`q.metric = ${filter.metric}`);
  if (filter.kinds !== undefined) parts.push(sql`l.kind = any(${textArray(filter.kinds)})`);
  if (filter.from) parts.push(sql`l.at >= ${filter.from.toISOString()}::timestamptz`);
  if (filter.to) parts.push(sql`l.at < ${filter.to.toISOString()}::timestamptz`);
  if (page.beforeId !== null) parts.push(sql`l.id < ${page.beforeId}`);
  const { rows } = await db.execute<Row>(sql`
    select l.id, l.at, l.kind, q.id as quota_id, q.scope_kind, q.scope_id, q.metric, b.period_start, l.video_id,
           l.d_reserved, l.d_settled, l.actor, l.reason
      from quota_ledger l join quota_buckets b on b.id = l.bucket_id join quota_limits q on q.id = b.limit_id
     where ${sql.join(parts, sql` and `)} order by l.id desc limit ${page.limit}`);
  return rows.map((row) => ({
    id: Number(row.id),
    at: new Date(row.at),
    kind: row.kind,
    quotaId: row.quota_id,
    scopeKind: row.scope_kind,
    scopeId: row.scope_id,
    metric: row.metric,
    periodStart: new Date(row.period_start),
    videoId: row.video_id,
    reservedDelta: BigInt(row.d_reserved),
    settledDelta: BigInt(row.d_settled),
    actor: row.actor,
    reason: row.reason,
  }));
}

function ofTeams(teamIds: readonly string[]): SQL {
  const ids = textArray(teamIds);
  return sql`((q.scope_kind = 'team' and q.scope_id = any(${ids})) or (q.scope_kind = 'key' and exists (
    select 1 from api_keys k where k.id = q.scope_id and k.team_id = any(${ids}))))`;
}

type Row = Record<string, unknown> & {
  id: string;
  at: string;
  kind: LedgerKind;
  quota_id: string;
  scope_kind: LedgerRow['scopeKind'];
  scope_id: string;
  metric: LedgerRow['metric'];
  period_start: string;
  video_id: string | null;
  d_reserved: string;
  d_settled: string;
  actor: string | null;
  reason: string | null;
};
