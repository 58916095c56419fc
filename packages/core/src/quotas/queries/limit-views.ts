import type { Queryable } from '@reelgate/db';
import { type SQL, sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import { type LimitState, parseLimitState } from '../refusal.ts';
import type { QuotaMetric, QuotaScope } from './limits.ts';

/** A limit in force and how it stands. */
export interface LimitView extends LimitState {
  readonly scopeName: string;
  /** As it is set, without what is granted. */
  readonly hardLimit: bigint | null;
  readonly thresholds: readonly number[];
  readonly version: number;
  readonly updatedAt: Date;
}

/** Of `quota_limits l`, or of whatever else has a scope. */
export const scopeName: SQL = sql`coalesce(case l.scope_kind
  when 'team' then (select t.name from teams t where t.id = l.scope_id)
  when 'key' then (select k.name from api_keys k where k.id = l.scope_id)
  else (select o.name from organizations o) end, l.scope_id)`;

/** The same: the organization's own are for those who see everything. */
export function inScope(scope: TeamScope): SQL {
  if (scope === 'all') return sql`true`;
  const teams = sql`${sql.param([...scope])}::text[]`;
  return sql`(l.scope_kind = 'team' and l.scope_id = any(${teams}) or l.scope_kind = 'key' and exists (
    select from api_keys k where k.id = l.scope_id and k.team_id = any(${teams})))`;
}

export interface LimitFilter {
  readonly id?: string | undefined;
  readonly scopeKind?: QuotaScope | undefined;
  readonly scopeId?: string | undefined;
  /** The team's own and those of its keys. */
  readonly teamId?: string | undefined;
  readonly metric?: QuotaMetric | undefined;
}

/** The organization's first, then by name; all in force where no page is named. */
export async function listLimitViews(
  db: Queryable,
  scope: TeamScope,
  filter: LimitFilter,
  page?: { after: string | null; limit: number },
): Promise<LimitView[]> {
  const { rows } = await db.execute<Record<string, unknown>>(sql`
    select quota_state(l, quota_bucket_at(l.id, clock_timestamp()), 0, clock_timestamp()) as state, ${scopeName} as "scopeName",
           l.hard::text as hard, l.thresholds, l.version, l.updated_at as "updatedAt"
      from quota_limits l
     where l.retired_at is null and ${inScope(scope)}
       and ${filter.id === undefined ? sql`true` : sql`l.id = ${filter.id}`}
       and ${filter.scopeKind === undefined ? sql`true` : sql`l.scope_kind = ${filter.scopeKind}`}
       and ${filter.scopeId === undefined ? sql`true` : sql`l.scope_id = ${filter.scopeId}`}
       and ${filter.teamId === undefined ? sql`true` : inScope([filter.teamId])}
       and ${filter.metric === undefined ? sql`true` : sql`l.metric = ${filter.metric}`}
       and ${page?.after ? sql`l.id > ${page.after}` : sql`true`}
     order by l.id ${page ? sql`limit ${page.limit}` : sql``}`);
  return rows.map((row) => ({
    ...parseLimitState(row.state),
    scopeName: row.scopeName as string,
    hardLimit: row.hard === null ? null : BigInt(row.hard as string),
    thresholds: row.thresholds as number[],
    version: row.version as number,
    updatedAt: new Date(row.updatedAt as string),
  }));
}

/** What a limit has counted since a moment, oldest first. */
export async function listCounted(
  db: Queryable,
  limitId: string,
  from: Date | null,
): Promise<{ at: Date; amount: bigint }[]> {
  const { rows } = await db.execute<{ at: string; amount: string }>(sql`
    select v.created_at as at, (s.reserved + s.settled)::text as amount
      from quota_limits l
      cross join lateral spend_of_limit(l, coalesce(${from?.toISOString() ?? null}::timestamptz, 'epoch'), null) s
      join videos v on v.id = s.video_id
     where l.id = ${limitId} order by v.created_at`);
  return rows.map((row) => ({ at: new Date(row.at), amount: BigInt(row.amount) }));
}
