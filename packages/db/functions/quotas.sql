-- Whoever moves money passes one gate together with everybody else who does; whoever changes limits has it alone. So a change sees
-- all that was accepted before it, and binds all that comes after.
create or replace function quota_gate() returns void language sql as $$ select pg_advisory_xact_lock_shared(7733402) $$;
create or replace function quota_gate_alone() returns void language sql as $$ select pg_advisory_xact_lock(7733402) $$;

-- The period of a window at a moment, in a time zone: a day may have 23 or 25 hours. A midnight that comes twice counts as the
-- later one.
create or replace function quota_period(p_window text, p_zone text, p_at timestamptz, out starts timestamptz, out ends timestamptz)
language plpgsql stable as $$
begin
  if p_window not in ('day', 'month') then
    starts := 'epoch';
    return;
  end if;
  starts := date_trunc(p_window, p_at, p_zone);
  if starts > p_at then
    ends := starts;
    starts := date_trunc(p_window, p_at - interval '2 hours', p_zone);
  else
    ends := (date_trunc(p_window, p_at at time zone p_zone) + ('1 ' || p_window)::interval) at time zone p_zone;
  end if;
end$$;

-- The level from which on there is something to tell: the next threshold, or the soft limit. Null where all has been told.
create or replace function quota_next_alert(l quota_limits, b quota_buckets) returns bigint language sql immutable as $$
  select min(a.level) from (
    select ceil(coalesce(b.hard_limit + b.granted, l.soft)::numeric * t / 100)::bigint as level
      from unnest(l.thresholds) t
     where coalesce(b.hard_limit + b.granted, l.soft) > 0 and t <> all (b.fired)
    union all
    select l.soft where b.hard_limit is not null and b.soft_fired_at is null) a
$$;

-- Buckets are locked `for no key update` throughout: to refer to one, as a new reservation does, waits for nobody.

-- Sets a bucket's room to what its limit and the grants in force make of it. What is used beyond that is allowed, and nothing more.
create or replace function quota_set_room(p_bucket bigint, p_at timestamptz) returns void language plpgsql as $$
declare
  b quota_buckets;
  l quota_limits;
begin
  select * into b from quota_buckets where id = p_bucket for no key update;
  select * into l from quota_limits where id = b.limit_id;
  insert into quota_ledger (bucket_id, kind, d_reserved, d_settled, idem, actor, reason)
    select b.id, 'grant', 0, 0, 'grant:' || g.id || ':' || b.id, g.granted_by, g.reason
      from quota_grants g where g.limit_id = l.id and g.revoked_at is null and g.ends_at > p_at
    on conflict (idem) do nothing;
  select coalesce(sum(g.amount), 0), min(g.ends_at) into b.granted, b.granted_until
    from quota_grants g where g.limit_id = l.id and g.revoked_at is null and g.ends_at > p_at;
  b.hard_limit := l.hard;
  update quota_buckets
     set hard_limit = b.hard_limit, granted = b.granted, granted_until = b.granted_until,
         overrun_allowed = greatest(0, coalesce(b.reserved + b.settled - b.leaked - b.hard_limit - b.granted, 0)),
         alert_at = quota_next_alert(l, b)
   where id = b.id;
end$$;

-- The bucket of a limit for a moment, made where there is none. No two overlap, though the time zone may have changed.
create or replace function quota_open(p_limit text, p_at timestamptz) returns bigint language plpgsql as $$
declare
  l quota_limits;
  p record;
  over timestamptz;
  opened bigint;
begin
  select * into l from quota_limits where id = p_limit;
  select * into p from quota_period(l.window, l.tz, p_at);
  over := (select max(b.period_end) from quota_buckets b where b.limit_id = l.id and b.period_end <= p_at);
  if over > p.starts then
    -- Less than half of a period that a change of the time zone has left over is no period of its own, with a whole limit for a few
    -- hours: it goes with the next.
    if p.ends - over < (p.ends - p.starts) / 2 then
      p.ends := (quota_period(l.window, l.tz, p.ends)).ends;
    end if;
    p.starts := over;
  end if;
  insert into quota_buckets (limit_id, period_start, period_end, hard_limit, leaked_at)
    values (l.id, p.starts, p.ends, l.hard, case when l.window = 'leaky' then p_at end)
    on conflict (limit_id, period_start) do nothing returning id into opened;
  if opened is null then
    select b.id into opened from quota_buckets b where b.limit_id = l.id and b.period_start = p.starts;
  else
    perform quota_set_room(opened, p_at);
  end if;
  return opened;
end$$;

-- Lets a leaky bucket lose what it loses in the time since the last time, in whole units; once empty, it begins anew.
create or replace function quota_leak(p_bucket bigint, p_at timestamptz) returns void language plpgsql as $$
declare
  b quota_buckets;
  l quota_limits;
  level bigint;
  whole numeric;
begin
  select * into b from quota_buckets where id = p_bucket for no key update;
  select * into l from quota_limits where id = b.limit_id;
  level := b.reserved + b.settled - b.leaked;
  whole := floor(greatest(0, extract(epoch from p_at - b.leaked_at)) * b.hard_limit / l.span_seconds);
  if whole >= level then
    b.leaked := b.leaked + level;
    b.leaked_at := greatest(p_at, b.leaked_at);
    b.fired := '{}';
    b.soft_fired_at := null;
    b.exhausted_at := null;
  elsif whole > 0 then
    b.leaked := b.leaked + whole;
    b.leaked_at := b.leaked_at + make_interval(secs => (whole * l.span_seconds / b.hard_limit)::double precision);
  else
    return;
  end if;
  update quota_buckets
     set leaked = b.leaked, leaked_at = b.leaked_at, fired = b.fired, soft_fired_at = b.soft_fired_at,
         exhausted_at = b.exhausted_at, alert_at = quota_next_alert(l, b)
   where id = b.id;
end$$;

-- A limit as it stands at a moment, for `p_amount` more. What a leaky bucket has let go of is no longer used.
create or replace function quota_state(l quota_limits, b quota_buckets, p_amount bigint, p_at timestamptz) returns jsonb
language plpgsql stable as $$
declare
  p record;
  level bigint := coalesce(b.reserved + b.settled - b.leaked, 0);
  granted bigint;
  room bigint;
  resets timestamptz;
begin
  if b.id is null then
    select * into p from quota_period(l.window, l.tz, p_at);
    b.period_start := p.starts;
    b.period_end := p.ends;
  end if;
  -- Not what the bucket says of them: that is put right by the next video only, where one of several has ended.
  select coalesce(sum(g.amount), 0) into granted
    from quota_grants g where g.limit_id = l.id and g.revoked_at is null and g.ends_at > p_at;
  room := l.hard + granted;
  resets := b.period_end;
  if l.window = 'leaky' then
    if b.id is not null then
      level := greatest(0, level - floor(greatest(0, extract(epoch from p_at - b.leaked_at)) * l.hard / l.span_seconds))::bigint;
    end if;
    if level + p_amount > room and l.hard > 0 then
      resets := p_at + make_interval(secs => ceil((level + p_amount - room)::numeric * l.span_seconds / l.hard)::double precision);
    end if;
  end if;
  return jsonb_build_object(
    'limitId', l.id, 'scopeKind', l.scope_kind, 'scopeId', l.scope_id, 'metric', l.metric, 'window', l.window,
    'spanSeconds', l.span_seconds, 'timeZone', l.tz, 'model', l.model, 'tags', l.tags,
    'hard', room::text, 'soft', l.soft::text, 'granted', granted::text,
    'reserved', least(level, coalesce(b.reserved, 0))::text, 'settled', greatest(0, level - coalesce(b.reserved, 0))::text,
    'amount', p_amount::text, 'periodStartsAt', case when l.window in ('day', 'month') then b.period_start end, 'resetsAt', resets,
    'retryAfterSeconds', ceil(extract(epoch from resets - clock_timestamp())));
end$$;

-- The bucket of a limit that holds a moment; null where it has not been opened.
create or replace function quota_bucket_at(p_limit text, p_at timestamptz) returns quota_buckets language sql stable as $$
  select b from quota_buckets b
   where b.limit_id = p_limit and b.period_start <= p_at and (b.period_end is null or b.period_end > p_at)
   order by b.period_start desc limit 1
$$;

-- Tells a team that one of its limits, or of its keys' limits, has come so far; and of the organization's limits nobody but the
-- organization's own endpoints, because those figures are no team's business.
create or replace function quota_tell(p_type text, l quota_limits, b quota_buckets, p_more jsonb) returns void language plpgsql as $$
declare
  team text := case l.scope_kind when 'team' then l.scope_id when 'key' then (select k.team_id from api_keys k where k.id = l.scope_id) end;
begin
  if team is not null or l.scope_kind = 'org' then
    perform emit_event(team, p_type, null, (jsonb_build_object(
      'id', l.id, 'scope', l.scope_kind, 'scope_id', l.scope_id, 'metric', l.metric, 'window', l.window,
      'limit', (b.hard_limit + b.granted)::text, 'soft_limit', l.soft::text, 'reserved', b.reserved::text,
      'settled', b.settled::text, 'resets_at', floor(extract(epoch from b.period_end))::bigint) || p_more)::json);
  end if;
end$$;

-- Tells every threshold that the bucket has reached and that has not been told: each once in a period.
create or replace function quota_alert(p_bucket bigint) returns void language plpgsql as $$
declare
  b quota_buckets;
  l quota_limits;
  t int;
  level bigint;
begin
  select * into b from quota_buckets where id = p_bucket for no key update;
  select * into l from quota_limits where id = b.limit_id;
  level := b.reserved + b.settled - b.leaked;
  foreach t in array l.thresholds loop
    if t <> all (b.fired) and level::numeric * 100 >= coalesce(b.hard_limit + b.granted, l.soft)::numeric * t then
      b.fired := b.fired || t;
      perform quota_tell('quota.threshold_reached', l, b, jsonb_build_object('threshold', t));
    end if;
  end loop;
  if b.hard_limit is not null and b.soft_fired_at is null and level >= l.soft then
    b.soft_fired_at := clock_timestamp();
    perform quota_tell('quota.threshold_reached', l, b, '{"threshold": "soft"}');
  end if;
  update quota_buckets set fired = b.fired, soft_fired_at = b.soft_fired_at, alert_at = quota_next_alert(l, b) where id = b.id;
end$$;

-- Tells once in a period that a limit has refused a video.
create or replace function quota_exhausted(p_bucket bigint) returns void language plpgsql as $$
declare
  b quota_buckets;
  l quota_limits;
begin
  update quota_buckets set exhausted_at = clock_timestamp() where id = p_bucket and exhausted_at is null returning * into b;
  if found then
    select * into l from quota_limits where id = b.limit_id;
    if l.metric <> 'concurrent' then
      perform quota_tell('quota.exhausted', l, b, '{}');
    end if;
  end if;
end$$;

-- Takes every amount from every limit that applies, or raises and takes nothing.
-- Buckets are always taken in the order key, team, organization: no deadlock, and the hottest row is held shortest.
-- Raises RG429 (used up) or RG400 (more than the limit ever allows); the detail is a JSON object that names the limit.
-- Answers how the team's or the key's own limit stands that has the smallest part of itself left; null where there is none.
create or replace function quota_reserve(
  p_video text, p_key text, p_team text, p_org text, p_amounts jsonb, p_model text, p_tags jsonb, p_at timestamptz
) returns jsonb language plpgsql as $$
declare
  l record;
  bucket quota_buckets;
  target bigint;
  amount bigint;
  buckets bigint[] := '{}';
  amounts bigint[] := '{}';
  part double precision;
  least_part double precision;
  tightest jsonb;
begin
  perform quota_gate();
  for l in
    select q.id, q.scope_kind, q.metric, q.window, b.id as bucket_id, b.period_end
      from quota_limits q
      left join lateral (
        select c.id, c.period_end from quota_buckets c
         where c.limit_id = q.id and c.period_start <= p_at order by c.period_start desc limit 1) b on true
     where q.retired_at is null and p_amounts ? q.metric
       and (q.scope_kind, q.scope_id) in (('key', p_key), ('team', p_team), ('org', p_org))
       and (q.model is null or q.model = p_model) and p_tags @> q.tags
     order by array_position(array['key', 'team', 'org'], q.scope_kind), q.id
  loop
    amount := (p_amounts ->> l.metric)::bigint;
    target := l.bucket_id;
    if target is null or l.period_end <= p_at then
      target := quota_open(l.id, p_at);
    end if;
    if l.window = 'leaky' then
      perform quota_leak(target, p_at);
    end if;
    loop
      update quota_buckets b set reserved = b.reserved + amount
       where b.id = target and (b.granted_until is null or b.granted_until > p_at)
         and (b.hard_limit is null or b.reserved + b.settled - b.leaked + amount <= b.hard_limit + b.granted)
      returning b.* into bucket;
      exit when found;
      select b.* into bucket from quota_buckets b where b.id = target;
      if bucket.granted_until <= p_at then
        perform quota_set_room(target, p_at);
      elsif bucket.reserved + bucket.settled - bucket.leaked + amount > bucket.hard_limit + bucket.granted then
        raise exception 'quota' using
          errcode = case when amount > bucket.hard_limit + bucket.granted then 'RG400' else 'RG429' end,
          detail = (select quota_state(q, bucket, amount, p_at) || jsonb_build_object('bucketId', target)
                      from quota_limits q where q.id = l.id);
      end if;
      -- Else something was given back since, and there is room after all.
    end loop;
    if bucket.alert_at <= bucket.reserved + bucket.settled - bucket.leaked then
      perform quota_alert(target);
    end if;
    if l.scope_kind <> 'org' and l.metric <> 'concurrent' and bucket.hard_limit + bucket.granted > 0 then
      part := 1 - (bucket.reserved + bucket.settled - bucket.leaked)::double precision / (bucket.hard_limit + bucket.granted);
      if least_part is null or part < least_part then
        least_part := part;
        tightest := jsonb_build_object(
          'scopeKind', l.scope_kind, 'metric', l.metric, 'window', l.window, 'hard', (bucket.hard_limit + bucket.granted)::text,
          'left', (bucket.hard_limit + bucket.granted - bucket.reserved - bucket.settled + bucket.leaked)::text,
          'resetsAt', bucket.period_end);
      end if;
    end if;
    buckets := buckets || target;
    amounts := amounts || amount;
  end loop;
  if buckets <> '{}' then
    insert into quota_reservations (video_id, bucket_id, amount)
      select p_video, t.bucket, t.amount from unnest(buckets, amounts) as t (bucket, amount);
    insert into quota_ledger (bucket_id, video_id, kind, d_reserved, d_settled, idem)
      select t.bucket, p_video, 'reserve', t.amount, 0, 'reserve:' || p_video || ':' || t.bucket
        from unnest(buckets, amounts) as t (bucket, amount);
  end if;
  return tightest;
end$$;

-- The same limits as `quota_reserve` takes, in the same order, as they stand now: one JSON object each, in the form of its details.
create or replace function quota_look(
  p_key text, p_team text, p_org text, p_amounts jsonb, p_model text default null, p_tags jsonb default '{}'
) returns setof jsonb language sql stable as $$
  select quota_state(l, quota_bucket_at(l.id, clock_timestamp()), (p_amounts ->> l.metric)::bigint, clock_timestamp())
    from quota_limits l
   where l.retired_at is null and p_amounts ? l.metric
     and (l.scope_kind, l.scope_id) in (('key', p_key), ('team', p_team), ('org', p_org))
     and (l.model is null or l.model = p_model) and p_tags @> l.tags
   order by array_position(array['key', 'team', 'org'], l.scope_kind), l.id
$$;

-- Ends every held reservation of a video, once: with the actual amounts (settle) or with null (release); of one metric where it
-- is named. Videos in flight are always given back. Cost above the reservation is recorded as an overrun, never refused: so is
-- all that a video costs that comes after all, once its reservation was released.
create or replace function quota_finish(p_video text, p_actual jsonb, p_metric text default null) returns void language plpgsql as $$
declare
  r record;
  actual bigint;
  overrun bigint;
  alert boolean;
  charge_before text;
begin
  -- The video before the gate, as everybody has it who moves a video and its money in one transaction.
  select v.charge into charge_before from videos v where v.id = p_video for no key update;
  perform quota_gate();
  if p_metric is null then
    if charge_before = 'settled' or charge_before = 'released' and p_actual is null then
      return;
    end if;
    update videos v
       set charge = case when p_actual is null then 'released' else 'settled' end,
           final_micro = coalesce((p_actual ->> 'cost')::bigint, v.final_micro),
           billed_seconds = coalesce((p_actual ->> 'seconds')::int, v.billed_seconds)
     where v.id = p_video;
    if charge_before = 'released' then
      -- Limits that have come since count it as well.
      insert into quota_reservations (video_id, bucket_id, amount, state, settled_amount)
        select v.id, b.id, 0, 'released', 0
          from videos v
          join quota_limits l
            on l.retired_at is null and l.window <> 'leaky' and l.metric <> 'concurrent'
           and (l.scope_kind, l.scope_id) in (('key', v.key_id), ('team', v.team_id), ('org', 'org'))
           and (l.model is null or l.model = v.model) and v.metadata @> l.tags and (not v.is_test or l.scope_kind = 'key')
         cross join lateral quota_bucket_at(l.id, v.created_at) b
         where v.id = p_video and b.id is not null
        on conflict do nothing;
    end if;
  end if;
  for r in
    select qr.bucket_id, qr.state, case when qr.state = 'released' then 0 else qr.amount end as amount, l.metric
      from quota_reservations qr
      join quota_buckets b on b.id = qr.bucket_id
      join quota_limits l on l.id = b.limit_id
     where qr.video_id = p_video and l.metric = coalesce(p_metric, l.metric)
       and (qr.state in ('held', 'parked') or qr.state = 'released' and p_actual is not null and l.metric <> 'concurrent')
     order by array_position(array['key', 'team', 'org'], l.scope_kind), l.id
       for update of qr
  loop
    actual := case when p_actual is null or r.metric = 'concurrent' then 0 else (p_actual ->> r.metric)::bigint end;
    overrun := greatest(0, actual - r.amount);
    update quota_buckets b
       set reserved = b.reserved - r.amount, settled = b.settled + actual, overrun_allowed = b.overrun_allowed + overrun,
           leaked = least(b.leaked, b.reserved - r.amount + b.settled + actual)
     where b.id = r.bucket_id
    returning b.alert_at <= b.reserved + b.settled - b.leaked into alert;
    update quota_reservations
       set state = case when p_actual is null then 'released' else 'settled' end, settled_amount = actual
     where video_id = p_video and bucket_id = r.bucket_id;
    insert into quota_ledger (bucket_id, video_id, kind, d_reserved, d_settled, idem)
      values (r.bucket_id, p_video, case when p_actual is null or r.metric = 'concurrent' then 'release' else 'settle' end,
              -r.amount, actual, case r.state when 'released' then 'late:' else 'finish:' end || p_video || ':' || r.bucket_id);
    if overrun > 0 then
      insert into quota_ledger (bucket_id, video_id, kind, d_reserved, d_settled, idem, reason)
        values (r.bucket_id, p_video, 'overrun', 0, 0, 'overrun:' || p_video || ':' || r.bucket_id,
                'actual ' || actual || ' above reserved ' || r.amount);
    end if;
    if alert then
      perform quota_alert(r.bucket_id);
    end if;
  end loop;
end$$;

-- Keeps what a video may have cost, until an admin decides; it is no longer in flight.
create or replace function quota_park(p_video text) returns void language plpgsql as $$
begin
  update videos set charge = 'parked' where id = p_video and charge = 'open';
  perform quota_finish(p_video, null, 'concurrent');
  update quota_reservations set state = 'parked' where video_id = p_video and state = 'held';
end$$;

-- Puts a limit in force that was made or changed: for whoever has the gate alone. Its open period begins with all that was spent in
-- it before; only a leaky window begins empty.
create or replace function quota_put_in_force(p_limit text) returns void language plpgsql as $$
declare
  l quota_limits;
  b quota_buckets;
  opened bigint;
  moment timestamptz := clock_timestamp();
begin
  select * into l from quota_limits where id = p_limit;
  b := quota_bucket_at(l.id, moment);
  if b.id is not null then
    if l.window = 'leaky' then
      -- What went by until now leaks as fast as it did: the bucket still has the limit from before.
      perform quota_leak(b.id, moment);
    end if;
    perform quota_set_room(b.id, moment);
    return;
  end if;
  opened := quota_open(l.id, moment);
  select * into b from quota_buckets where id = opened;
  if l.window = 'leaky' then
    return;
  end if;
  with open as (
    insert into quota_reservations (video_id, bucket_id, amount, state)
    select s.video_id, b.id, s.reserved, case s.charge when 'parked' then 'parked' else 'held' end
      from spend_of_limit(l, b.period_start, b.period_end) s
     where s.charge = 'open' or s.charge = 'parked' and l.metric <> 'concurrent'
    returning video_id, amount)
  insert into quota_ledger (bucket_id, video_id, kind, d_reserved, d_settled, idem)
    select b.id, o.video_id, 'reserve', o.amount, 0, 'reserve:' || o.video_id || ':' || b.id from open o;
  insert into quota_ledger (bucket_id, kind, d_reserved, d_settled, idem, reason)
    select b.id, 'adjust', 0, t.settled, 'before:' || b.id, 'spent before the limit was set'
      from (select sum(s.settled) as settled from spend_of_limit(l, b.period_start, b.period_end) s) t where t.settled > 0;
  select coalesce(sum(g.d_reserved), 0), coalesce(sum(g.d_settled), 0) into b.reserved, b.settled
    from quota_ledger g where g.bucket_id = b.id;
  update quota_buckets
     set reserved = b.reserved, settled = b.settled, overrun_allowed = b.reserved + b.settled
   where id = b.id;
  perform quota_set_room(b.id, moment);
end$$;
