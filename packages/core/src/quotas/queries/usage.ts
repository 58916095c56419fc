import type { Queryable } from '@reelgate/db';
import { type SQL, sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';

export type UsageGroup = 'team' | 'key' | 'model' | 'upstream' | 'operation' | 'day' | 'month' | 'tag';

export interface UsageFilter {
  /** Inclusive, and exclusive. */
  readonly from: Date;
  readonly until: Date;
  /** The label to group or filter by. */
  readonly tagKey?: string | undefined;
  readonly tagValue?: string | undefined;
  readonly teamId?: string | undefined;
  readonly keyId?: string | undefined;
  readonly model?: string | undefined;
  readonly upstream?: string | undefined;
  readonly operation?: string | undefined;
}

/** Of each group only what was asked for; null where a video has no such label. */
export interface UsageRow {
  readonly team?: string;
  readonly teamName?: string;
  readonly key?: string;
  readonly keyName?: string;
  readonly model?: string;
  readonly upstream?: string;
  readonly operation?: string;
  /** In the organization's time zone. */
  readonly day?: string;
  readonly month?: string;
  readonly tag?: string | null;
  readonly videos: number;
  readonly failedVideos: number;
  /** Paid for. */
  readonly seconds: number;
  readonly settledMicroUsd: bigint;
  readonly reservedMicroUsd: bigint;
}

/**
 * Sums of the one definition of spend, by any grouping. Days and months are the periods of the quotas, so that both come to the same.
 */
export async function sumSpend(
  db: Queryable,
  scope: TeamScope,
  filter: UsageFilter,
  groups: readonly UsageGroup[],
  limit: number,
): Promise<UsageRow[]> {
  const zone = sql`(select o.time_zone from organizations o)`;
  const period = (of: 'day' | 'month', format: string) =>
    sql`to_char((quota_period(${of}, coalesce(${zone}, 'UTC'), s.at)).starts at time zone coalesce(${zone}, 'UTC'), ${format})`;
  const label = sql`s.tags ->> ${filter.tagKey ?? ''}`;
  const columns: Record<UsageGroup, readonly (readonly [string, SQL])[]> = {
    team: [
      ['team', sql`s.team_id`],
      ['teamName', sql`(select t.name from teams t where t.id = s.team_id)`],
    ],
    key: [
      ['key', sql`s.key_id`],
      ['keyName', sql`(select k.name from api_keys k where k.id = s.key_id)`],
    ],
    model: [['model', sql`s.model`]],
    upstream: [['upstream', sql`s.upstream`]],
    operation: [['operation', sql`s.operation`]],
    day: [['day', period('day', 'YYYY-MM-DD')]],
    month: [['month', period('month', 'YYYY-MM')]],
    tag: [['tag', label]],
  };
  const chosen = groups.flatMap((group) => columns[group]);
  const is = (column: SQL, value: string | undefined) =>
    value === undefined ? sql`true` : sql`${column} = ${value}`;
  const from = filter.from.toISOString();
  const until = filter.until.toISOString();
  const { rows } = await db.execute<Record<string, string | null>>(sql`
    select ${
      chosen.length === 0
        ? sql``
        : sql`${sql.join(
            chosen.map(([name, column]) => sql`${column} as ${sql.identifier(name)}`),
            sql`, `,
          )}, `
    }
           sum(s.videos_reserved + s.videos_settled) as videos, sum(s.failed) as failed,
           sum(s.seconds_settled) as seconds, sum(s.cost_settled)::text as settled, sum(s.cost_reserved)::text as reserved
      from spend s
     where s.at >= ${from}::timestamptz and s.at < ${until}::timestamptz
       and ${scope === 'all' ? sql`true` : sql`s.team_id = any(${sql.param([...scope])}::text[])`}
       and ${filter.keyId === undefined ? sql`not s.is_test` : sql`true`}
       and ${is(sql`s.team_id`, filter.teamId)} and ${is(sql`s.key_id`, filter.keyId)}
       and ${is(sql`s.model`, filter.model)} and ${is(sql`s.upstream`, filter.upstream)}
       and ${is(sql`s.operation`, filter.operation)} and ${is(label, filter.tagValue)}
     ${chosen.length === 0 ? sql`` : sql`group by ${sql.raw(chosen.map((_, index) => index + 1).join(', '))}`}
     ${chosen.length === 0 ? sql`` : sql`order by ${sql.raw(chosen.map((_, index) => index + 1).join(', '))}`}
     limit ${limit}`);
  return rows.map(({ videos, failed, seconds, settled, reserved, ...names }) => ({
    ...names,
    videos: Number(videos ?? 0),
    failedVideos: Number(failed ?? 0),
    seconds: Number(seconds ?? 0),
    settledMicroUsd: BigInt(settled ?? 0),
    reservedMicroUsd: BigInt(reserved ?? 0),
  }));
}

/** Of the organization, and the beginning of its month by the database's clock. */
export async function findCalendar(
  db: Queryable,
): Promise<{ timeZone: string; monthStart: Date; now: Date }> {
  const { rows } = await db.execute<{ zone: string; starts: string; now: string }>(sql`
    select z.zone, (quota_period('month', z.zone, clock_timestamp())).starts, clock_timestamp() as now
      from (select coalesce((select time_zone from organizations), 'UTC') as zone) z`);
  const [row] = rows;
  if (!row) throw new Error('a select of one row that returns none');
  return { timeZone: row.zone, monthStart: new Date(row.starts), now: new Date(row.now) };
}
