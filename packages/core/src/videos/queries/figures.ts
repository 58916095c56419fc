import type { Queryable } from '@reelgate/db';
import { sql } from 'drizzle-orm';

export interface Figure {
  readonly name:
    | 'videos'
    | 'overdue'
    | 'longest_overdue_seconds'
    | 'at_risk'
    | 'least_slack_seconds'
    | 'unknown_submissions'
    | 'oldest_unknown_seconds'
    | 'parked_reservations'
    | 'quarantined'
    | 'orphans'
    | 'ledger_mismatches'
    | 'spooled_bytes'
    | 'in_lifeboat';
  /** Of `videos` and `overdue` the state, of `spooled_bytes` the volume. */
  readonly label: string;
  readonly value: number;
}

/** What is under way and what is wrong. Rows at rest are not read, so that it stays cheap. */
export async function measureAnyVideos(db: Queryable): Promise<Figure[]> {
  const { rows } = await db.execute<{ name: Figure['name']; label: string; value: number }>(sql`
    with due as materialized (
      select state, next_action_at, lease_until, quarantined_at, archive_deadline_at, completed_at, created_at, id
        from videos where next_action_at is not null),
    late as (
      select state, extract(epoch from clock_timestamp() - next_action_at) as seconds from due
       where quarantined_at is null and next_action_at < clock_timestamp() - interval '10 seconds'
         and (lease_until is null or lease_until < clock_timestamp())),
    archiving as (
      select d.* from due d where d.state = 'archiving' and not exists (
        select from spool_files s where s.video_id = d.id and s.drained_at is null))
    select 'videos' as name, state as label, count(*)::float8 as value from due group by state
    union all select 'overdue', state, count(*) from late group by state
    union all select 'longest_overdue_seconds', '', coalesce(max(seconds), 0) from late
    union all select 'at_risk', '', count(*) from archiving
      where clock_timestamp() > least(archive_deadline_at - interval '10 minutes', completed_at + (archive_deadline_at - completed_at) / 2)
    union all select 'least_slack_seconds', '', extract(epoch from min(archive_deadline_at) - clock_timestamp()) from archiving having count(*) > 0
    union all select 'unknown_submissions', '', count(*) from due where state = 'unknown'
    union all select 'oldest_unknown_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0) from due where state = 'unknown'
    union all select 'parked_reservations', '', count(distinct video_id) from quota_reservations where state = 'parked'
    union all select 'quarantined', '', count(*) from videos where quarantined_at is not null
    union all select 'orphans', '', count(*) from upstream_orphans where state = 'seen'
    union all (select 'ledger_mismatches', '', mismatches from ledger_checks order by checked_at desc limit 1)
    union all select 'spooled_bytes', volume_id, sum(bytes) from spool_files where drained_at is null group by volume_id
    union all select 'in_lifeboat', '', count(*) from assets where object_key like 'lifeboat/%'`);
  return rows.map(({ name, label, value }) => ({ name, label, value: Number(value) }));
}
