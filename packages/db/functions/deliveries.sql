-- Which endpoints have anything that waits, found by jumping from one to the next: a long backlog of one costs nothing.
create or replace function endpoints_with_deliveries() returns setof text language sql stable as $$
  with recursive pending (endpoint_id) as (
    (select d.endpoint_id from webhook_deliveries d where d.next_attempt_at is not null order by d.endpoint_id limit 1)
    union all
    select (select d.endpoint_id from webhook_deliveries d
             where d.next_attempt_at is not null and d.endpoint_id > p.endpoint_id order by d.endpoint_id limit 1)
      from pending p where p.endpoint_id is not null)
  select endpoint_id from pending where endpoint_id is not null
$$;

-- Takes the leases of up to `p_slots` deliveries that are due, with everything that an attempt needs, and cancels what waits for
-- an endpoint that is off. Looks at the endpoints `p_endpoints` alone, so that it costs the same however many others there are that
-- wait or hang; at all that have anything where it is null. No endpoint has more than `p_per_endpoint` attempts under way, over all
-- workers; one whose attempts ran out of time again and again, or that has never been reached, has one. Those that were not reached
-- last time (`suspect`) share `p_suspect_slots`. Each has a bucket of `p_burst` attempts that fills with `p_rate` a second.
create or replace function take_deliveries(
  p_endpoints text[], p_owner text, p_lease_ms double precision, p_slots int, p_suspect_slots int,
  p_per_endpoint int, p_timeouts int, p_rate double precision, p_burst int)
returns table (
  id text, event_id text, endpoint_id text, team_id text, attempt_no int, lease_epoch bigint, replay_of text, suspect boolean,
  kind text, url text, type text, video_id text, payload bytea, secrets bytea[])
language plpgsql as $$
#variable_conflict use_column
declare
  moment timestamptz;
  candidates text[];
begin
  perform pg_advisory_xact_lock(hashtextextended('claim_deliveries', 0));
  moment := clock_timestamp();
  candidates := coalesce(p_endpoints, array(select endpoints_with_deliveries()));
  if exists (select from webhook_endpoints e where e.id = any (candidates) and e.state <> 'enabled') then
    update webhook_deliveries d set state = 'cancelled', next_attempt_at = null, lease_owner = null, lease_until = null
      from (select waiting.id
              from webhook_endpoints e
             cross join lateral (
               select c.id from webhook_deliveries c
                where c.endpoint_id = e.id and c.next_attempt_at is not null and (c.lease_until is null or c.lease_until <= moment)
                limit 500) as waiting
             where e.id = any (candidates) and e.state <> 'enabled') as off
     where d.id = off.id;
  end if;

  return query
  with open as (
    select e.id, e.kind, e.url, e.delivered_at is null or e.consecutive_timeouts > 0 as suspect,
           least(
             case when e.delivered_at is null or e.consecutive_timeouts >= p_timeouts then 1 else p_per_endpoint end
               - (select count(*) from webhook_deliveries h where h.endpoint_id = e.id and h.lease_until > moment),
             floor(p_burst - p_rate * extract(epoch from greatest(e.paced_until, moment) - moment))) as free
      from webhook_endpoints e where e.id = any (candidates) and e.state = 'enabled'),
  due as (
    select o.id as endpoint_id, o.kind, o.url, o.suspect, d.id, d.next_attempt_at,
           row_number() over (partition by o.suspect order by d.next_attempt_at) as place
      from open o
     cross join lateral (
       select w.id, w.next_attempt_at from webhook_deliveries w
        where w.endpoint_id = o.id and w.next_attempt_at <= moment and (w.lease_until is null or w.lease_until <= moment)
        order by w.next_attempt_at limit greatest(o.free, 0)) as d
     where o.free > 0),
  chosen as (
    select due.* from due where not due.suspect or due.place <= p_suspect_slots order by due.next_attempt_at limit p_slots),
  taken as (
    update webhook_deliveries d
       set lease_owner = p_owner, lease_until = moment + make_interval(secs => p_lease_ms / 1000),
           lease_epoch = d.lease_epoch + 1, attempt_no = d.attempt_no + 1
      from chosen c where d.id = c.id
    returning d.*, c.kind, c.url as endpoint_url, c.suspect),
  paced as (
    update webhook_endpoints e
       set paced_until = greatest(e.paced_until, moment) + make_interval(secs => t.count / p_rate)
      from (select taken.endpoint_id, count(*) as count from taken group by taken.endpoint_id) t where e.id = t.endpoint_id)
  select t.id, t.event_id, t.endpoint_id, t.team_id, t.attempt_no, t.lease_epoch, t.replay_of, t.suspect,
         t.kind, coalesce(t.url, t.endpoint_url), v.type, v.video_id, v.payload,
         array(select s.secret_enc from webhook_secrets s
                where (s.endpoint_id = t.endpoint_id or (t.kind = 'video' and s.team_id = t.team_id))
                  and (s.expires_at is null or s.expires_at > moment) order by s.id desc)
    from taken t join events v on v.id = t.event_id;
end$$;
