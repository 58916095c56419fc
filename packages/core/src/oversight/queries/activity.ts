/** What runs, what ended and how fast. */
import type { VideoStatus } from '@reelgate/contract';
import type { Queryable } from '@reelgate/db';
import { type SQL, sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import { inScope, isAtRisk, statusOf } from './conditions.ts';
import { iso, type SpendFilter } from './spend.ts';

export interface Activity {
  readonly waiting: number;
  readonly queued: number;
  readonly running: number;
  readonly archiving: number;
}

export async function countActive(db: Queryable, scope: TeamScope): Promise<Activity> {
  const { rows } = await db.execute<Record<keyof Activity, string>>(sql`
    select count(*) filter (where v.state = 'accepted') as waiting,
           count(*) filter (where v.state in ('submitting','unknown') or (v.state = 'rendering' and v.started_at is null)) as queued,
           count(*) filter (where v.state = 'rendering' and v.started_at is not null) as running,
           count(*) filter (where v.state = 'archiving') as archiving
      from videos v
     where v.state in ('accepted','submitting','unknown','rendering','archiving') and ${inScope(scope)}`);
  const [row] = rows;
  return {
    waiting: Number(row?.waiting ?? 0),
    queued: Number(row?.queued ?? 0),
    running: Number(row?.running ?? 0),
    archiving: Number(row?.archiving ?? 0),
  };
}

export interface LastDay {
  readonly completed: number;
  readonly failed: number;
  readonly p50Seconds: number | null;
  readonly p95Seconds: number | null;
  readonly webhookAttempts: number;
  readonly webhookFailures: number;
}

/** Of what was accepted, and of what was tried, within 24 hours. */
export async function summarizeLastDay(db: Queryable, scope: TeamScope): Promise<LastDay> {
  const { rows } = await db.execute<Record<string, string | null>>(sql`
    select v.*, w.* from (
      select count(*) filter (where v.state in ('stored','partly_stored')) as completed,
             count(*) filter (where v.state in ('failed','content_lost')) as failed,
             percentile_cont(0.5) within group (order by extract(epoch from v.stored_at - v.created_at)) as p50,
             percentile_cont(0.95) within group (order by extract(epoch from v.stored_at - v.created_at)) as p95
        from videos v where v.created_at > clock_timestamp() - interval '24 hours' and ${inScope(scope)}) v,
      (select count(*) as attempts, count(*) filter (where a.outcome <> 'delivered' and not coalesce(a.status between 200 and 299, false)) as failures
         from webhook_deliveries d join webhook_attempts a on a.delivery_id = d.id
        where d.created_at > clock_timestamp() - interval '24 hours' and ${inScope(scope, sql`d.team_id`)}) w`);
  const [row] = rows;
  const number = (name: string) => (row?.[name] == null ? null : Number(row[name]));
  return {
    completed: number('completed') ?? 0,
    failed: number('failed') ?? 0,
    p50Seconds: number('p50'),
    p95Seconds: number('p95'),
    webhookAttempts: number('attempts') ?? 0,
    webhookFailures: number('failures') ?? 0,
  };
}

export interface VideoAtRisk {
  readonly id: string;
  readonly teamId: string;
  readonly teamName: string;
  readonly deadlineAt: Date | null;
  readonly costMicroUsd: bigint;
}

/** The nearest deadline first. */
export async function listAtRisk(db: Queryable, scope: TeamScope, limit: number): Promise<VideoAtRisk[]> {
  const { rows } = await db.execute<{
    id: string;
    team_id: string;
    name: string;
    deadline: string | null;
    cost: string;
  }>(sql`
    select v.id, v.team_id, t.name, coalesce(v.archive_deadline_at, v.upstream_expires_at) as deadline,
           coalesce(v.final_micro, v.est_micro) as cost
      from videos v join teams t on t.id = v.team_id
     where v.state = 'archiving' and ${isAtRisk} and ${inScope(scope)}
     order by deadline nulls last limit ${limit}`);
  return rows.map((row) => ({
    id: row.id,
    teamId: row.team_id,
    teamName: row.name,
    deadlineAt: row.deadline === null ? null : new Date(row.deadline),
    costMicroUsd: BigInt(row.cost),
  }));
}

export async function measureStorage(
  db: Queryable,
  scope: TeamScope,
): Promise<{ bytes: number; videos: number }> {
  const owned = scope === 'all' ? sql`` : sql`join videos v on v.id = a.video_id`;
  const { rows } = await db.execute<{ bytes: string | null; videos: string }>(sql`
    select sum(a.bytes) as bytes, count(*) filter (where a.variant = 'video') as videos
      from assets a ${owned} where a.state = 'stored' and ${scope === 'all' ? sql`true` : inScope(scope)}`);
  return { bytes: Number(rows[0]?.bytes ?? 0), videos: Number(rows[0]?.videos ?? 0) };
}

/** Every hour of a period, also those in which nothing happened. 31 days at most. */
const HOURS = 31 * 24;

export async function listStatusByHour(
  db: Queryable,
  scope: TeamScope,
  filter: SpendFilter,
): Promise<{ hour: Date; status: VideoStatus; videos: number }[]> {
  const { rows } = await db.execute<{ hour: string; status: VideoStatus; videos: string }>(sql`
    select date_trunc('hour', v.created_at) as hour, ${statusOf} as status, count(*) as videos
      from videos v where ${ofPeriod(scope, filter, sql`v.created_at`)} group by 1, 2`);
  return rows.map(({ hour, status, videos }) => ({ hour: new Date(hour), status, videos: Number(videos) }));
}

export interface LatencyOfHour {
  readonly hour: Date;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly videos: number;
}

/** Seconds from accepted to stored, by the hour in which it was stored. */
export async function listLatencyByHour(
  db: Queryable,
  scope: TeamScope,
  filter: SpendFilter,
): Promise<LatencyOfHour[]> {
  const { rows } = await db.execute<{ hour: string; p: number[]; videos: string }>(sql`
    select date_trunc('hour', v.stored_at) as hour, count(*) as videos,
           percentile_cont(array[0.5, 0.95, 0.99]) within group (order by extract(epoch from v.stored_at - v.created_at)) as p
      from videos v
     where ${ofPeriod(scope, filter, sql`v.stored_at`)}
       -- Nothing takes longer than a week; this is on the index of newest videos.
       and v.created_at >= ${iso(filter.from)} - interval '7 days' and v.created_at < ${iso(filter.to)}
     group by 1`);
  return rows.map(({ hour, p: [p50 = 0, p95 = 0, p99 = 0], videos }) => ({
    hour: new Date(hour),
    p50,
    p95,
    p99,
    videos: Number(videos),
  }));
}

export async function listHours(db: Queryable, period: { from: Date; to: Date }): Promise<Date[]> {
  const { rows } = await db.execute<{ hour: string }>(sql`
    select hour from generate_series(date_trunc('hour', ${iso(period.from)}), ${iso(period.to)} - interval '1 microsecond', interval '1 hour') hour
     limit ${HOURS}`);
  return rows.map(({ hour }) => new Date(hour));
}

function ofPeriod(scope: TeamScope, { from, to, teamId, model }: SpendFilter, column: SQL): SQL {
  const parts = [inScope(scope), sql`${column} >= ${iso(from)}`, sql`${column} < ${iso(to)}`];
  if (teamId !== undefined) parts.push(sql`v.team_id = ${teamId}`);
  if (model !== undefined) parts.push(sql`v.model = ${model}`);
  return sql.join(parts, sql` and `);
}
