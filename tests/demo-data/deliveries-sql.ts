/** SQL that tells of the newest videos: endpoints, events, deliveries and their attempts. */

/** $1: teams as JSON with `endpoint`. */
export const ENDPOINTS = `
insert into webhook_endpoints (id, team_id, url, event_types, state, failing_since, consecutive_failures, description, created_at)
select pg_temp.id_of('whe', t.name), pg_temp.id_of('team', t.name), 'https://hooks.' || t.name || '.example.com/reelgate',
       array['video.completed', 'video.failed'], case when t.name = 'support' then 'disabled_auto' else 'enabled' end,
       case when t.name = 'support' then clock_timestamp() - interval '6 days' end, case when t.name = 'support' then 34 else 0 end,
       initcap(t.name) || ' pipeline', clock_timestamp() - interval '120 days'
  from jsonb_to_recordset($1::jsonb) as t (name text, endpoint boolean) where t.endpoint`;

/** $1: of how many days. */
export const EVENTS = `
insert into events (id, team_id, video_id, type, payload, occurred_at)
select pg_temp.id_of('evt', v.id), v.team_id, v.id, e.type,
       convert_to(jsonb_build_object('id', pg_temp.id_of('evt', v.id), 'object', 'event', 'type', e.type,
         'created_at', extract(epoch from e.at)::bigint, 'data', jsonb_build_object('id', v.id))::text, 'UTF8'), e.at
  from demo_videos v cross join lateral (select
    case when v.state in ('stored', 'partly_stored') then 'video.completed' else 'video.failed' end as type,
    case when v.state in ('stored', 'partly_stored') then v.stored_at else v.completed_at end as at) e
 where v.state in ('stored', 'partly_stored', 'failed') and v.created_at > clock_timestamp() - make_interval(days => $1::int)`;

export const DELIVERIES = `
insert into webhook_deliveries (id, event_id, endpoint_id, team_id, state, attempt_no, next_attempt_at, created_at)
select pg_temp.id_of('dlv', e.id), e.id, w.id, e.team_id,
       case when w.state <> 'enabled' or pg_temp.random_of(hashtext(e.id), 'delivery') > 0.995 then 'exhausted' else 'delivered' end,
       case when w.state <> 'enabled' then 3 when pg_temp.random_of(hashtext(e.id), 'retry') > 0.97 then 2 else 1 end, null, e.occurred_at
  from events e join webhook_endpoints w on w.team_id = e.team_id
 where e.team_id in (select id from demo_teams)`;

export const ATTEMPTS = `
insert into webhook_attempts (delivery_id, no, started_at, duration_ms, outcome, status, response_head, resolved_ip)
select d.id, n, d.created_at + make_interval(secs => 60 * (n - 1)), (40 + 400 * pg_temp.random_of(hashtext(d.id), 'took' || n))::int,
       case when n = d.attempt_no and d.state = 'delivered' then 'delivered' else 'failed' end,
       case when n = d.attempt_no and d.state = 'delivered' then 200 else 503 end,
       case when n = d.attempt_no and d.state = 'delivered' then '{"ok":true}' else 'upstream connect error' end, '203.0.113.10'
  from webhook_deliveries d cross join lateral generate_series(1, d.attempt_no) n
 where d.team_id in (select id from demo_teams)`;

export const LAST_DELIVERED = `
update webhook_endpoints w set delivered_at = (
    select max(a.started_at) from webhook_attempts a join webhook_deliveries d on d.id = a.delivery_id
     where d.endpoint_id = w.id and a.outcome = 'delivered')
 where w.team_id in (select id from demo_teams)`;

/** Rows of the audit log with their own times and an unbroken chain; $1: entries as JSON, the oldest first. */
export const AUDIT = `
do $do$
declare
  given jsonb := current_setting('demo.audit')::jsonb;
  item jsonb;
  entry audit_log;
begin
  perform pg_advisory_xact_lock(hashtextextended('audit_log', 0));
  for item in select * from jsonb_array_elements(given) loop
    entry := jsonb_populate_record(null::audit_log, item);
    entry.id := nextval(pg_get_serial_sequence('audit_log', 'id'));
    entry.prev_hash := (select hash from audit_log order by id desc limit 1);
    entry.hash := audit_hash(entry);
    insert into audit_log overriding system value select entry.*;
  end loop;
end$do$`;
