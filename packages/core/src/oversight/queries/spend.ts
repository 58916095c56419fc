/** What was spent, by day and by whom. */
import type { Queryable } from '@reelgate/db';
import { type SQL, sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import { inScope } from './conditions.ts';

export interface Period {
  /** Inclusive, and exclusive. */
  readonly from: Date;
  readonly to: Date;
}

export interface SpendFilter extends Period {
  readonly teamId?: string | undefined;
  readonly model?: string | undefined;
}

export async function sumSpend(
  db: Queryable,
  scope: TeamScope,
  filter: SpendFilter,
): Promise<{ settledMicroUsd: bigint; reservedMicroUsd: bigint; videos: number }> {
  const { rows } = await db.execute<{ settled: string; reserved: string; videos: string }>(sql`
    select coalesce(sum(s.cost_settled), 0) as settled, coalesce(sum(s.cost_reserved), 0) as reserved, count(*) as videos
      from spend s where ${conditions(scope, filter)}`);
  const [row] = rows;
  return {
    settledMicroUsd: BigInt(row?.settled ?? 0),
    reservedMicroUsd: BigInt(row?.reserved ?? 0),
    videos: Number(row?.videos ?? 0),
  };
}

export type SpendGroup = 'team' | 'model' | 'upstream' | 'key' | 'operation' | 'tag';

export interface SpendOfDay {
  /** `2026-11-02`, in the zone that was asked for. */
  readonly day: string;
  /** Null for videos that have none. */
  readonly id: string | null;
  readonly name: string;
  readonly settledMicroUsd: bigint;
}

/** Settled, by the day on which a video was accepted. `tagKey`: the label to group by. */
export async function listSpendByDay(
  db: Queryable,
  scope: TeamScope,
  filter: SpendFilter,
  group: { readonly by: SpendGroup; readonly tagKey: string | undefined; readonly timeZone: string },
): Promise<SpendOfDay[]> {
  const keys: Record<SpendGroup, SQL> = {
    team: sql`s.team_id`,
    model: sql`s.model`,
    upstream: sql`s.upstream`,
    key: sql`s.key_id`,
    operation: sql`s.operation`,
    tag: sql`s.tags ->> ${group.tagKey ?? ''}`,
  };
  const { rows } = await db.execute<{
    day: string;
    id: string | null;
    name: string | null;
    settled: string;
  }>(sql`
    with sums as (
      select to_char(s.at at time zone ${group.timeZone}, 'YYYY-MM-DD') as day, ${keys[group.by]} as id, sum(s.cost_settled) as settled
        from spend s where ${conditions(scope, filter)} group by 1, 2)
    select sums.day, sums.id, coalesce(t.name, k.name, sums.id) as name, sums.settled
      from sums
      left join teams t on ${group.by === 'team'} and t.id = sums.id
      left join api_keys k on ${group.by === 'key'} and k.id = sums.id
     order by sums.day`);
  return rows.map(({ day, id, name, settled }) => ({
    day,
    id,
    name: name ?? '(none)',
    settledMicroUsd: BigInt(settled),
  }));
}

/** Every day of a period, in a zone; also those on which nothing happened. */
export async function listDays(db: Queryable, period: Period, timeZone: string): Promise<string[]> {
  const { rows } = await db.execute<{ day: string }>(sql`
    select to_char(day, 'YYYY-MM-DD') as day
      from generate_series(date_trunc('day', ${iso(period.from)} at time zone ${timeZone}),
                           (${iso(period.to)} - interval '1 microsecond') at time zone ${timeZone}, interval '1 day') day
     limit 400`);
  return rows.map(({ day }) => day);
}

/** The month that is running in the organization's zone, and what limits it: the organization's quota for its cost. */
export async function findMonth(db: Queryable): Promise<{
  from: Date;
  to: Date;
  now: Date;
  timeZone: string;
  limitMicroUsd: bigint | null;
}> {
  const { rows } = await db.execute<{
    now: string;
    starts: string;
    ends: string;
    zone: string;
    hard: string | null;
  }>(sql`
    select clock_timestamp() as now, date_trunc('month', clock_timestamp(), z.zone) as starts,
           (date_trunc('month', clock_timestamp() at time zone z.zone) + interval '1 month') at time zone z.zone as ends, z.zone,
           (select q.hard from quota_limits q where q.scope_kind = 'org' and q.metric = 'cost' and q."window" = 'month'
              and q.retired_at is null and q.model is null and q.tags = '{}' limit 1) as hard
      from (select coalesce((select time_zone from organizations limit 1), 'UTC') as zone) z`);
  const [row] = rows;
  if (!row) throw new Error('there is no month');
  return {
    now: new Date(row.now),
    from: new Date(row.starts),
    to: new Date(row.ends),
    timeZone: row.zone,
    limitMicroUsd: row.hard === null ? null : BigInt(row.hard),
  };
}

/** What the quotas of these teams for the cost of a month add up to; null where none has one. */
export async function sumTeamLimits(db: Queryable, scope: TeamScope): Promise<bigint | null> {
  const { rows } = await db.execute<{ hard: string | null }>(sql`
    select sum(q.hard) as hard from quota_limits q
     where q.scope_kind = 'team' and q.metric = 'cost' and q."window" = 'month' and q.retired_at is null
       and q.model is null and q.tags = '{}' and ${inScope(scope, sql`q.scope_id`)}`);
  const hard = rows[0]?.hard ?? null;
  return hard === null ? null : BigInt(hard);
}

function conditions(scope: TeamScope, { from, to, teamId, model }: SpendFilter): SQL {
  const parts = [inScope(scope, sql`s.team_id`), sql`s.at >= ${iso(from)}`, sql`s.at < ${iso(to)}`];
  if (teamId !== undefined) parts.push(sql`s.team_id = ${teamId}`);
  if (model !== undefined) parts.push(sql`s.model = ${model}`);
  return sql.join(parts, sql` and `);
}

export function iso(at: Date): SQL {
  return sql`${at.toISOString()}::timestamptz`;
}
