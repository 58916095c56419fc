-- The one way an event is written: with a delivery for each endpoint that wants it, in the transaction of the fact.
-- Without a team it is about the organization itself, and told to the organization's endpoints alone.
-- Of each type a video has one event, ever: answers no row where it has been written before.
-- The payload is the exact text that is signed and sent. `p_data` is an object whose `id` says what the event is about.
create or replace function emit_event(p_team text, p_type text, p_video text, p_data json, p_occurred_at timestamptz default null)
returns table (event_id text, delivery_ids text[]) language plpgsql as $$
declare
  new_id text := 'evt_' || replace(gen_random_uuid()::text, '-', '');
  moment timestamptz := coalesce(p_occurred_at, clock_timestamp());
  new_deliveries text[];
  told text;
begin
  insert into events (id, team_id, video_id, type, occurred_at, payload)
  values (new_id, p_team, p_video, p_type, moment, convert_to(format(
    '{"id":%s,"object":"event","created_at":%s,"type":%s,"data":%s}',
    to_json(new_id), floor(extract(epoch from moment))::bigint, to_json(p_type), p_data), 'UTF8'))
  on conflict do nothing;
  if not found then
    return;
  end if;
  with made as (
    insert into webhook_deliveries (id, event_id, endpoint_id, team_id, url, next_attempt_at)
    select 'dlv_' || replace(gen_random_uuid()::text, '-', ''), new_id, e.id, p_team, v.url, clock_timestamp()
      from webhook_endpoints e
      left join video_webhooks v on v.video_id = p_video and v.endpoint_id = e.id
     where (e.team_id = p_team or e.team_id is null) and e.state = 'enabled' and p_type = any (e.event_types)
       and (e.kind <> 'video' or v.url is not null)
    returning id, endpoint_id)
  select coalesce(array_agg(id), '{}'), coalesce(string_agg(endpoint_id, ','), '') into new_deliveries, told from made;
  -- Wakes whoever shows this team's events to somebody, and whoever delivers.
  if p_team is not null then
    perform pg_notify('events', p_team);
  end if;
  if new_deliveries <> '{}' then
    -- A signal holds 8,000 bytes; an empty one means all endpoints.
    perform pg_notify('deliveries', case when length(told) < 7900 then told else '' end);
  end if;
  return query select new_id, new_deliveries;
end$$;

-- Gives the team's new events their places, one after the other in the order in which they are seen: what is committed later
-- comes later, whenever it was written, so a reader that has passed a place never misses one before it.
create or replace function number_events(p_team text) returns void language plpgsql as $$
begin
  if not exists (select from events e where e.team_id = p_team and e.position is null) then
    return;
  end if;
  perform from teams t where t.id = p_team for no key update; -- one at a time
  with new as (
    select n.id, row_number() over (order by n.occurred_at, n.id) as no
      from (select u.id, u.occurred_at from events u where u.team_id = p_team and u.position is null
             order by u.occurred_at, u.id limit 1000) n),
  numbered as (
    update events e set position = t.last_event_position + new.no
      from new, teams t where e.id = new.id and t.id = p_team
    returning e.position)
  update teams t set last_event_position = l.position
    from (select max(n.position) as position from numbered n) l where t.id = p_team and l.position is not null;
end$$;

-- What belongs to one team is sent to that team's endpoints and to the organization's, and to nobody else.
create or replace function guard_delivery_team() returns trigger language plpgsql as $$
begin
  if not exists (select from webhook_endpoints e
                  where e.id = new.endpoint_id and (e.team_id = new.team_id or e.team_id is null)) then
    raise exception 'a delivery to an endpoint of another team' using errcode = 'RG403';
  end if;
  return new;
end$$;

create or replace trigger webhook_deliveries_team_guard before insert or update of endpoint_id, team_id on webhook_deliveries
  for each row execute function guard_delivery_team();
