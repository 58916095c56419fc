/** How many videos there are of each value of each filter. */
import type { Queryable } from '@reelgate/db';
import { type SQL, sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import {
  type AllVideosFilter,
  facets,
  inScope,
  isAtRisk,
  isStuck,
  matching,
  narrowing,
  newestWith,
  STATUS_OF_GROUP,
  textArray,
  videosWith,
  wordsOf,
} from './conditions.ts';
import { isCommon } from './videos.ts';

export interface FacetCount {
  readonly facet: keyof ReturnType<typeof facets> | 'at_risk' | 'stuck' | 'total';
  readonly value: string;
  readonly label: string;
  readonly count: number;
}

export interface FacetCounts {
  readonly counts: readonly FacetCount[];
  /** Null: all were counted. Else only so many of the newest were looked at; of all but what is at risk or stuck there may be more. */
  readonly ofNewest: number | null;
}

/**
 * How many there are of each value, each facet under all the filters but its own. One look at the rows, then sums of sums. Where
 * there are more than `newest` it looks at those only, so that it takes no longer however many there are.
 */
export async function countFacets(
  db: Queryable,
  scope: TeamScope,
  filter: AllVideosFilter,
  newest: number,
): Promise<FacetCounts> {
  const conditions = facets(filter);
  const words = wordsOf(filter);
  const common = words !== null && (await isCommon(db, words));
  let horizon = isRare(filter, common) ? null : await findHorizon(db, scope, filter, newest);
  // Each prompt has to be read for its words, which takes ten times as long.
  const ofNewest = horizon === null ? null : common ? Math.ceil(newest / 10) : newest;
  if (horizon !== null && common) horizon = await findHorizon(db, scope, filter, ofNewest ?? newest);
  const readsWords = horizon !== null && common;
  const from = readsWords ? sql`videos v` : videosWith(words);
  const wordy = readsWords && words !== null ? newestWith(words) : sql`true`;
  const recent = horizon === null ? sql`true` : sql`v.created_at >= ${horizon}::timestamptz`;
  const names = Object.keys(conditions) as (keyof typeof conditions)[];
  const others = (name: string) => {
    const rest = names.filter((other) => other !== name).map((other) => conditions[other]);
    return sql.join(rest, sql` and `);
  };
  const everything = sql.join(Object.values(conditions), sql` and `);
  const columns: Record<(typeof names)[number], SQL> = {
    status: STATUS_OF_GROUP,
    state: sql`state`,
    team: sql`team_id`,
    key: sql`key_id`,
    model: sql`model`,
    upstream: sql`upstream_account_id`,
    operation: sql`operation`,
    error_code: sql`error_code`,
  };
  const parts = names.map(
    (name) =>
      sql`select ${name}::text as facet, ${columns[name]} as value, sum(n) as count from g where ${others(name)} group by 2`,
  );
  const { rows } = await db.execute<{
    facet: string;
    value: string | null;
    label: string | null;
    count: string;
  }>(sql`
    with g as materialized (
      select v.state, v.started_at is not null as started, v.team_id, v.key_id, v.model, v.upstream_account_id, v.operation,
             v.error_code, count(*) as n
        from ${from} where ${recent} and ${wordy} and ${inScope(scope)} and ${narrowing(filter)}
       group by 1, 2, 3, 4, 5, 6, 7, 8),
    counted as (
      ${sql.join(parts, sql` union all `)}
      union all select 'total', 'total', sum(n) from g where ${everything}
      union all select 'at_risk', 'at_risk', count(*) from ${from}
       where ${wordy} and v.state = 'archiving' and ${isAtRisk} and ${matching(scope, filter)}
      union all select 'stuck', 'stuck', count(*) from ${from}
       where ${wordy} and (v.quarantined_at is not null or v.next_action_at is not null) and ${isStuck} and ${matching(scope, filter)})
    select c.facet, c.value, coalesce(t.name, k.name, c.value) as label, coalesce(c.count, 0) as count
      from counted c
      left join teams t on c.facet = 'team' and t.id = c.value
      left join api_keys k on c.facet = 'key' and k.id = c.value
     where c.value is not null
     order by c.facet, c.count desc, c.value`);
  const counts = rows.map((row) => ({
    facet: row.facet as FacetCount['facet'],
    value: row.value ?? '',
    label: row.label ?? '',
    count: Number(row.count),
  }));
  return { counts, ofNewest };
}

/** What an index finds all of, because there is never much of it. */
function isRare(filter: AllVideosFilter, common: boolean): boolean {
  const named = filter.search !== undefined && !common;
  return named || filter.rootId !== undefined || filter.atRisk === true || filter.stuck === true;
}

/**
 * From when on there are about `newest` videos of these teams in the time that the filter names; null where there are no more than
 * that. It is read from an index alone.
 */
async function findHorizon(
  db: Queryable,
  scope: TeamScope,
  { createdFrom, createdBefore }: AllVideosFilter,
  newest: number,
): Promise<string | null> {
  const before = createdBefore ? sql`v.created_at < ${createdBefore.toISOString()}::timestamptz` : sql`true`;
  const { rows } = await db.execute<{ horizon: string | null }>(
    scope === 'all'
      ? sql`select v.created_at::text as horizon from videos v where ${before} order by v.created_at desc offset ${newest} limit 1`
      : sql`select max(h.created_at)::text as horizon from unnest(${textArray(scope)}) s(id) cross join lateral (
              select v.created_at from videos v where v.team_id = s.id and ${before}
               order by v.created_at desc, v.id desc offset ${Math.ceil(newest / Math.max(scope.length, 1))} limit 1) h`,
  );
  const horizon = rows[0]?.horizon ?? null;
  return horizon === null || (createdFrom && new Date(horizon) <= createdFrom) ? null : horizon;
}
