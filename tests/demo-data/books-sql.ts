/** SQL that sets limits with room for what was made, and books every video exactly as the quota functions would have. */

/** A month's budget a team, a little or a lot above what it has spent; $1: teams as JSON with `used`. */
export const LIMITS = `
with given as (
  select pg_temp.id_of('team', t.name) as team_id, t.used, t.no from jsonb_to_recordset($1::jsonb) as t (name text, used float, no int)
), spent as (
  select g.team_id, g.used, g.no, coalesce(max(m.cost), 0) as cost
    from given g left join (
      select team_id, sum(coalesce(final_micro, case when state <> 'failed' then est_micro else 0 end)) as cost
        from videos group by team_id, date_trunc('month', created_at, 'UTC')) m on m.team_id = g.team_id
   group by 1, 2, 3
)
insert into quota_limits (id, scope_kind, scope_id, metric, "window", hard, soft, updated_by)
select pg_temp.id_of('quota', team_id || 'cost'), 'team', team_id, 'cost', 'month',
       greatest(10, ceil(cost / used / 10000000) * 10)::bigint * 1000000, null::bigint, 'demo-data'
  from spent
union all
select pg_temp.id_of('quota', team_id || 'concurrent'), 'team', team_id, 'concurrent', 'none', 40 - no * 2, null::bigint, 'demo-data' from given
union all
select pg_temp.id_of('quota', 'org'), 'org', 'org', 'cost', 'month',
       (ceil((select max(cost) from (select sum(coalesce(final_micro, case when state <> 'failed' then est_micro else 0 end)) as cost
          from videos group by date_trunc('month', created_at, 'UTC')) m) / 0.78 / 100000000) * 100)::bigint * 1000000, null::bigint, 'demo-data'`;

/** Every limit that a video counts in, with what it took, and the beginning of the period that it fell into. */
const COUNTED = `
  select v.id as video_id, l.id as limit_id, l.metric, l.hard,
         case when l."window" = 'none' then 'epoch'::timestamptz else date_trunc(l."window", v.created_at, l.tz) end as period_start,
         case when l."window" <> 'none' then (date_trunc(l."window", v.created_at at time zone l.tz) + ('1 ' || l."window")::interval) at time zone l.tz end as period_end,
         case l.metric when 'cost' then v.est_micro when 'seconds' then v.billed_seconds else 1 end as amount,
         case when v.state in ('accepted', 'submitting', 'unknown', 'rendering') then 'held'
              when v.state = 'failed' then 'released' else 'settled' end as state,
         case when v.state in ('accepted', 'submitting', 'unknown', 'rendering') then null
              when v.state = 'failed' or l.metric = 'concurrent' then 0
              when l.metric = 'cost' then v.final_micro when l.metric = 'seconds' then v.billed_seconds else 1 end as settled,
         v.created_at, coalesce(v.completed_at, v.created_at) as ended_at
    from videos v
    join quota_limits l on (l.scope_kind = 'org' or l.scope_id = case l.scope_kind when 'team' then v.team_id else v.key_id end)
   where l.updated_by = 'demo-data' and l.metric in ('cost', 'seconds', 'videos', 'concurrent')`;

export const BUCKETS = `
insert into quota_buckets (limit_id, period_start, period_end, hard_limit, reserved, settled)
select limit_id, period_start, period_end, max(hard),
       sum(case when state = 'held' then amount else 0 end), sum(coalesce(settled, 0))
  from (${COUNTED}) c group by limit_id, period_start, period_end`;

export const RESERVATIONS = `
insert into quota_reservations (video_id, bucket_id, amount, state, settled_amount)
select c.video_id, b.id, c.amount, c.state, c.settled
  from (${COUNTED}) c join quota_buckets b on b.limit_id = c.limit_id and b.period_start = c.period_start`;

export const LEDGER = `
with counted as (
  select c.*, b.id as bucket_id from (${COUNTED}) c
    join quota_buckets b on b.limit_id = c.limit_id and b.period_start = c.period_start
), entries as (
  select bucket_id, video_id, 'reserve' as kind, amount as d_reserved, 0::bigint as d_settled, 'reserve:' as idem, created_at as at from counted
  union all
  select bucket_id, video_id, case when state = 'released' or metric = 'concurrent' then 'release' else 'settle' end, -amount, settled, 'finish:', ended_at
    from counted where state <> 'held'
)
insert into quota_ledger (bucket_id, video_id, kind, d_reserved, d_settled, idem, at)
select bucket_id, video_id, kind, d_reserved, d_settled, idem || video_id || ':' || bucket_id, at from entries order by at`;

/** From which level on the next threshold is told. */
export const ALERTS = `
update quota_buckets b
   set fired = (select coalesce(array_agg(t), '{}') from unnest(l.thresholds) t where (b.reserved + b.settled) * 100 >= b.hard_limit * t)
  from quota_limits l where l.id = b.limit_id and l.updated_by = 'demo-data'`;

export const GRANTS = `
insert into quota_grants (id, limit_id, amount, reason, granted_by, created_at, ends_at)
select pg_temp.id_of('grant', l.id), l.id, (l.hard / 10 / 1000000) * 1000000, 'Launch week', 'ada.okafor@example.com',
       clock_timestamp() - interval '3 days', clock_timestamp() + interval '4 days'
  from quota_limits l join teams t on t.id = l.scope_id where l.metric = 'cost' and t.name in ('trailers', 'brand-films')`;

export const REQUESTS = `
insert into budget_requests (id, team_id, limit_id, amount, reason, state, requested_by, requested_by_name, created_at, decided_by, decided_by_name, decided_at, note)
select pg_temp.id_of('request', r.team || r.reason), t.id, l.id, r.amount, r.reason, r.state, 'user_demo', r.name,
       clock_timestamp() - r.ago, case when r.state <> 'open' then 'user_demo' end, case when r.state <> 'open' then 'Ada Okafor' end,
       case when r.state <> 'open' then clock_timestamp() - r.ago + interval '2 hours' end, r.note
  from (values
    ('research', 600000000, 'The benchmark needs 400 more takes before the paper is due.', 'open', 'Noor Haddad', interval '2 hours', null),
    ('brand-films', 1500000000, 'Two extra cuts of the spring film for the cinema release.', 'open', 'Lena Hoffmann', interval '20 hours', null),
    ('games', 300000000, 'Trailers for the showcase.', 'denied', 'Eitan Gold', interval '9 days', 'There is room for that in what is left.')
  ) as r (team, amount, reason, state, name, ago, note)
  join teams t on t.name = r.team and t.id in (select id from demo_teams)
  join quota_limits l on l.scope_id = t.id and l.metric = 'cost'`;

/** Videos that the upstream lists and nobody here asked for. */
export const ORPHANS = `
insert into upstream_orphans (account_id, upstream_id, first_seen_at, snapshot)
select a.id, 'demo_' || md5('orphan' || n), clock_timestamp() - make_interval(hours => n * 7),
       jsonb_build_object('state', 'succeeded', 'seconds', 4 * n, 'size', '1280x720')
  from (select upstream_account_id as id from demo_videos order by 1 limit 1) a cross join generate_series(1, 2) n
on conflict do nothing`;

/** Puts grants in force, and works out when something is to be told next. */
export const ROOM = `
select quota_set_room(b.id, clock_timestamp()) from quota_buckets b join quota_limits l on l.id = b.limit_id
 where l.updated_by = 'demo-data' and (b.period_end is null or b.period_end > clock_timestamp())`;
