/** SQL that writes the demonstration's teams, keys and videos. All of it in sets; `random` is a function of the seed. */

/** `pg_temp.random_of(number, what)`: from 0 to 1, the same for the same seed. */
export const randomFunctions = (seed: number) => `
create function pg_temp.random_of(i bigint, what text) returns double precision language sql immutable as $$
  select (hashtextextended(what || ':${Math.trunc(seed)}', i) & 2147483647) / 2147483648.0
$$;
create function pg_temp.one_of(i bigint, what text, choices text[]) returns text language sql immutable as $$
  select choices[1 + floor(pg_temp.random_of(i, what) * array_length(choices, 1))::int]
$$;
-- Whose rows are ours; nothing else of the deployment is touched.
create temp table demo_teams (id text primary key) on commit drop;
create temp view demo_videos as select * from videos where team_id in (select id from demo_teams);
create function pg_temp.id_of(kind text, i text) returns text language sql immutable as $$
  select kind || '_' || md5(kind || i || ':${Math.trunc(seed)}')
$$;`;

/** $1: teams as JSON, $2: names of keys. */
export const TEAMS = `
with given as (
  select t.name, t.share, t.no, clock_timestamp() - interval '200 days' as made
    from jsonb_to_recordset($1::jsonb) as t (name text, share float, no int)
), made_teams as (
  insert into teams (id, organization_id, name, created_at)
  select pg_temp.id_of('team', name), 'org', name, made from given
  returning id, created_at
), ours as (
  insert into demo_teams select id from made_teams
)
insert into api_keys (id, team_id, name, prefix, hash, scopes, models, requests_per_minute, expires_at, last_used_at, created_at)
select pg_temp.id_of('key', t.id || k.no), t.id, k.name, substr(md5('prefix' || t.id || k.no), 1, 8), md5('hash' || t.id || k.no),
       case when k.no = 2 then array['videos:read', 'videos:write'] end,
       null,
       case when k.no = 1 then 600 when k.no = 3 then 60 end,
       case when k.no = 3 then date_trunc('day', clock_timestamp()) + interval '60 days' end,
       clock_timestamp() - make_interval(mins => (1 + pg_temp.random_of(k.no, t.id) * 4000 * (k.no - 1))::int),
       t.created_at + make_interval(days => k.no::int * 11)
  from made_teams t cross join unnest($2::text[]) with ordinality as k (name, no)`;

/** $1: teams as JSON, $2: how many videos, $3: over how many days, $4: subjects, $5: styles, $6: campaigns. */
export const VIDEOS = `
with shares as (
  select pg_temp.id_of('team', t.name) as team_id, t.no,
         sum(t.share) over (order by t.no) - t.share as from_share, sum(t.share) over (order by t.no) as to_share
    from jsonb_to_recordset($1::jsonb) as t (name text, share float, no int)
), offers as (
  select m.name as model, m.upstream_account_id, m.upstream_model, p.id as price_id, p.size, p.per_second_micro_usd,
         count(*) over (partition by m.name) as sizes, row_number() over (partition by m.name order by p.size) as size_no,
         dense_rank() over (order by m.name) as model_no, (select count(distinct name) from models) as models, m.seconds
    from models m join lateral (
      select distinct on (size) id, size, per_second_micro_usd from prices where model = m.name order by size, valid_from desc) p on true
), raw as (
  select i,
         i <= greatest(6, $2::int / 700) as is_active,
         -- The last hour has some that are done, between those that are not.
         i > greatest(6, $2::int / 700) and i <= 2 * greatest(6, $2::int / 700) as is_recent,
         -- Working days and hours have most of it.
         clock_timestamp() - make_interval(secs => pg_temp.random_of(i, 'when') * 86400 * $3::int) as guess
    from generate_series(1, $2::int) i
), timed as (
  select i, is_active, is_recent,
         case when is_recent then clock_timestamp() - make_interval(secs => 130 + pg_temp.random_of(i, 'now') * 2400)
              when is_active then clock_timestamp() - make_interval(secs => 20 + pg_temp.random_of(i, 'now') * 900)
              else least(clock_timestamp() - interval '40 minutes' - make_interval(secs => pg_temp.random_of(i, 'gap') * 9000),
                date_trunc('day', guess)
                - case when extract(isodow from guess) > 5 and pg_temp.random_of(i, 'weekend') < 0.7 then interval '2 days' else interval '0' end
                + make_interval(secs => 86400 * case when pg_temp.random_of(i, 'night') < 0.22 then pg_temp.random_of(i, 'hour')
                    else 0.3 + 0.5 * (pg_temp.random_of(i, 'h1') + pg_temp.random_of(i, 'h2')) / 2 end))
         end as created_at
    from raw
), chosen as (
  select t.*, s.team_id, s.no as team_no,
         1 + floor(3 * power(pg_temp.random_of(i, 'key'), 2))::int as key_no,
         1 + floor(power(pg_temp.random_of(i, 'model'), 1.6) * (select max(models) from offers))::int as model_no,
         pg_temp.random_of(i, 'outcome') as outcome, pg_temp.random_of(i, 'operation') as kind
    from timed t join shares s on pg_temp.random_of(t.i, 'team') >= s.from_share and pg_temp.random_of(t.i, 'team') < s.to_share
), priced as (
  select c.*, o.*, o.seconds[1 + floor(power(pg_temp.random_of(i, 'seconds'), 2) * array_length(o.seconds, 1))::int] as chosen_seconds
    from chosen c join offers o on o.model_no = c.model_no
     and o.size_no = 1 + floor(power(pg_temp.random_of(c.i, 'size'), 1.8) * o.sizes)
), decided as (
  select p.*,
         case when is_active then case when outcome < 0.12 then 'accepted' when outcome < 0.8 then 'rendering' else 'archiving' end
              when outcome < 0.052 then 'failed' when outcome < 0.0525 then 'content_lost' when outcome < 0.058 then 'partly_stored'
              else 'stored' end as state,
         case when kind < 0.82 then 'create' when kind < 0.91 then 'remix' when kind < 0.96 then 'edit' else 'extend' end as operation,
         -- A queue at noon, and now and then a slow one.
         least(chosen_seconds * (4 + 5 * pg_temp.random_of(i, 'speed')) * case when pg_temp.random_of(i, 'slow') > 0.95 then 3.5 else 1 end
           + 8 * pg_temp.random_of(i, 'queue'), case when is_recent then 100 else 1e9 end) as render_seconds,
         pg_temp.one_of(i, 'why', array['moderation_blocked', 'moderation_blocked', 'video_generation_failed', 'upstream_timeout']) as why
    from priced p
)
insert into videos (
  id, team_id, key_id, operation, model, upstream_account_id, upstream_model, prompt, metadata, full_fp, visible_fp,
  seconds, billed_seconds, size, state, progress, upstream_id, upstream_created_at, upstream_expires_at, archive_deadline_at,
  next_action_at, error_code, error_message, root_id, price_id, unit_price_micro, est_micro, final_micro, charge,
  created_at, answered_at, submitted_at, started_at, completed_at, stored_at)
select pg_temp.id_of('video', i::text), team_id, pg_temp.id_of('key', team_id || key_no), operation, model, upstream_account_id,
       upstream_model, pg_temp.one_of(i, 'subject', $4::text[]) || ', ' || pg_temp.one_of(i, 'style', $5::text[]),
       case when pg_temp.random_of(i, 'tagged') < 0.7 then jsonb_build_object('campaign', pg_temp.one_of(i, 'campaign', $6::text[])) else '{}' end,
       md5('full' || i), md5('visible' || i), chosen_seconds, chosen_seconds, size, state,
       case when state in ('accepted', 'failed') then 0 when state = 'rendering' then floor(pg_temp.random_of(i, 'progress') * 95)::int
            when state = 'archiving' then 99 else 100 end,
       case when state <> 'accepted' then 'demo_' || md5('upstream' || i) end,
       created_at + interval '1 second',
       case when state in ('archiving', 'stored', 'partly_stored', 'content_lost') then created_at + make_interval(secs => render_seconds) + interval '1 hour' end,
       case when state = 'archiving' then created_at + interval '1 hour' end,
       -- Nobody works on them while they are looked at.
       case when is_active then clock_timestamp() + interval '30 days' end,
       case state when 'failed' then why when 'content_lost' then 'video_expired' end,
       case when state = 'failed' then case why when 'moderation_blocked' then 'The prompt was refused by the moderation of the upstream.'
         when 'upstream_timeout' then 'The upstream did not finish the video in time.' else 'The upstream could not render the video.' end
         when state = 'content_lost' then 'The upstream no longer had the content when it was fetched.' end,
       pg_temp.id_of('video', i::text), price_id, per_second_micro_usd, per_second_micro_usd * chosen_seconds,
       case when state in ('archiving', 'stored', 'partly_stored', 'content_lost') then per_second_micro_usd * chosen_seconds end,
       case when state in ('archiving', 'stored', 'partly_stored', 'content_lost') then 'settled' when state = 'failed' then 'released' else 'open' end,
       created_at, created_at + interval '400 milliseconds',
       case when state <> 'accepted' then created_at + interval '350 milliseconds' end,
       case when state not in ('accepted') then created_at + make_interval(secs => 2 + 6 * pg_temp.random_of(i, 'started')) end,
       case when state = 'failed' then created_at + make_interval(secs => render_seconds / 3)
            when state in ('archiving', 'stored', 'partly_stored', 'content_lost') then created_at + make_interval(secs => least(render_seconds, case when is_active then 15 else 1e9 end)) end,
       case when state in ('stored', 'partly_stored') then created_at + make_interval(secs => render_seconds + 1 + 5 * pg_temp.random_of(i, 'archive')) end
  from decided`;

/** What was made from another video: from the one before of the same team; a fifth of them from something that was itself derived. */
export const LINEAGE = [
  `with derived as (
     select d.id, p.id as parent
       from demo_videos d cross join lateral (
         select id from demo_videos p where p.team_id = d.team_id and p.operation = 'create' and p.state = 'stored' and p.created_at < d.created_at
          order by p.created_at desc limit 1) p
      where d.operation <> 'create' and d.parent_id is null and pg_temp.random_of(hashtext(d.id), 'chain') < 0.8)
   update videos v set parent_id = d.parent, root_id = d.parent from derived d where v.id = d.id`,
  `with derived as (
     select d.id, p.id as parent, p.root_id as root
       from demo_videos d cross join lateral (
         select id, root_id from demo_videos p
          where p.team_id = d.team_id and p.parent_id is not null and p.state = 'stored' and p.created_at < d.created_at
          order by p.created_at desc limit 1) p
      where d.operation <> 'create' and d.parent_id is null)
   update videos v set parent_id = d.parent, root_id = d.root from derived d where v.id = d.id`,
  // The very first have nothing before them.
  `update videos set operation = 'create' where operation <> 'create' and parent_id is null and team_id in (select id from demo_teams)`,
];

export const SUBMISSIONS = `
insert into upstream_submissions (id, video_id, no, account_id, visible_fp, state, prepared_at, sent_at, ended_at, http_status)
select 'sub_' || md5(id), id, 1, upstream_account_id, visible_fp, case when state = 'accepted' then 'prepared' else 'accepted' end,
       created_at, submitted_at, submitted_at + interval '300 milliseconds', case when state <> 'accepted' then 200 end
  from demo_videos`;

/** Which films the videos show: what was asked for, how long, and whether upright. */
export const FILMS = `
create temp table demo_films on commit drop as
select v.id as video_id, s.subject, v.seconds::int as seconds, split_part(v.size, 'x', 2)::int > split_part(v.size, 'x', 1)::int as upright,
       row_number() over (order by v.created_at desc) as newest
  from demo_videos v join unnest($1::text[]) as s (subject) on starts_with(v.prompt, s.subject)
 where v.state in ('stored', 'partly_stored')`;

/** $1: files of the films as JSON, $2: the bucket, $3: of how many of the newest videos there are files. */
export const ASSETS = `
insert into assets (video_id, variant, state, origin, bucket, object_key, bytes, sha256, content_type, verified_at)
select v.id, f.variant, case when d.newest <= $3 then 'stored' else 'deleted' end, f.origin, $2,
       'v/' || substr(v.id, 7, 2) || '/' || v.id || '/' || f.variant || '/1.' || f.ending, f.bytes, f.sha256, f."contentType", v.stored_at
  from demo_videos v
  join demo_films d on d.video_id = v.id
  join jsonb_to_recordset($1::jsonb) as f (subject text, seconds int, upright boolean, variant text, ending text, origin text, bytes bigint, sha256 text, "contentType" text)
    on f.subject = d.subject and f.seconds = d.seconds and f.upright = d.upright
 where v.state = 'stored' or f.variant = 'video'`;

export const STORED_OBJECTS = `
select a.object_key as key, a.sha256 from assets a join demo_videos v on v.id = a.video_id where a.state = 'stored'`;
