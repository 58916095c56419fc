-- What holds new videos of this key: the company's brake, its team's or its own. Null where none is pulled.
create or replace function brake_in_force(p_key text, p_team text) returns jsonb language sql stable as $$
  select jsonb_build_object('brake', b.scope_kind, 'reason', b.reason, 'since', b.pulled_at)
    from brakes b
   where (b.scope_kind, b.scope_id) in (('org', 'org'), ('team', p_team), ('key', p_key))
   order by array_position(array['org', 'team', 'key'], b.scope_kind) limit 1
$$;

-- Who pulled a brake, as people call them: somebody, an admin key, or what is no person.
create or replace function brake_puller(b brakes) returns text language sql stable as $$
  select coalesce(
    (select u.name from users u where u.id = b.pulled_by),
    (select k.name from api_keys k where k.id = b.pulled_by),
    case b.pulled_by when 'cli' then 'The command line' else 'Reelgate' end)
$$;

-- Counts an accepted video in its key's minute, where a breaker watches the key: the key's own, its team's or the company's. Answers
-- what is too fast, or null. What is normal is known after thirty minutes in which something was made, and not held against ten videos.
create or replace function velocity_count(p_key text, p_team text, p_cost bigint, p_at timestamptz) returns text language plpgsql as $$
declare
  b velocity_breakers;
  m key_minutes;
  this_minute timestamptz := date_trunc('minute', p_at);
begin
  select * into b from velocity_breakers v
   where (v.scope_kind, v.scope_id) in (('org', 'org'), ('team', p_team), ('key', p_key))
   order by array_position(array['key', 'team', 'org'], v.scope_kind) limit 1;
  if not found then
    return null;
  end if;
  update key_minutes k set videos = k.videos + 1, micro_usd = k.micro_usd + p_cost
   where k.key_id = p_key and k.minute = this_minute returning * into m;
  if not found then
    delete from key_minutes k where k.key_id = p_key and k.minute < p_at - interval '7 days';
    insert into key_minutes (key_id, minute, videos, micro_usd, normal_videos, normal_micro_usd)
      select p_key, this_minute, 1, p_cost, case when count(*) >= 30 then avg(k.videos) end,
             case when count(*) >= 30 then avg(k.micro_usd) end
        from key_minutes k where k.key_id = p_key and k.minute < this_minute
      on conflict (key_id, minute) do update
        set videos = key_minutes.videos + 1, micro_usd = key_minutes.micro_usd + excluded.micro_usd
    returning * into m;
  end if;
  if m.videos > b.videos_per_minute then
    return format('more than %s videos in a minute', b.videos_per_minute);
  elsif m.micro_usd > b.micro_usd_per_minute then
    return format('more than %s USD in a minute', round(b.micro_usd_per_minute / 1000000.0, 2));
  elsif m.videos > 10 and (m.videos > b.times_normal * m.normal_videos or m.micro_usd > b.times_normal * m.normal_micro_usd) then
    return format('more than %s times what is normal for it in a minute', b.times_normal);
  end if;
  return null;
end$$;
