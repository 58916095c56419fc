-- Takes every amount from every limit that applies, or raises and takes nothing.
-- Buckets are always taken in the order key, team, organization: no deadlock, and the hottest row is held shortest.
-- Raises RG429 (used up) or RG400 (more than the limit ever allows); the detail is a JSON object that names the limit.
create or replace function quota_reserve(p_video text, p_key text, p_team text, p_org text, p_amounts jsonb) returns void language plpgsql as $$
declare
  l record;
  bucket quota_buckets;
  amount bigint;
  moment timestamptz := clock_timestamp();
  starts timestamptz;
  ends timestamptz;
begin
  <<limits>>
  for l in
    select q.* from quota_limits q
     where p_amounts ? q.metric
       and (q.scope_kind, q.scope_id) in (('key', p_key), ('team', p_team), ('org', p_org))
     order by array_position(array['key', 'team', 'org'], q.scope_kind), q.id
  loop
    amount := (p_amounts ->> l.metric)::bigint;
    if l.window = 'none' then
      starts := 'epoch';
      ends := null;
    else
      starts := date_trunc(l.window, moment, l.tz);
      ends := (date_trunc(l.window, moment at time zone l.tz) + ('1 ' || l.window)::interval) at time zone l.tz;
    end if;
    if not exists (select from quota_buckets b where b.limit_id = l.id and b.period_start = starts) then
      -- Whoever is changing the limit is waited for, and waits for this: no period begins with the limit of before.
      insert into quota_buckets (limit_id, period_start, period_end, hard_limit)
        select q.id, starts, ends, q.hard from quota_limits q where q.id = l.id for share
        on conflict (limit_id, period_start) do nothing;
    end if;
    loop
      update quota_buckets b set reserved = b.reserved + amount
       where b.limit_id = l.id and b.period_start = starts
         and (b.hard_limit is null or b.reserved + b.settled + amount <= b.hard_limit)
      returning b.* into bucket;
      exit when found;
      select b.* into bucket from quota_buckets b where b.limit_id = l.id and b.period_start = starts;
      continue limits when not found; -- removed since, before it had ever counted anything
      -- Where something was given back since, there is room after all.
      if bucket.reserved + bucket.settled + amount > bucket.hard_limit then
        raise exception 'quota' using
          errcode = case when amount > bucket.hard_limit then 'RG400' else 'RG429' end,
          detail = jsonb_build_object(
            'limitId', l.id, 'scopeKind', l.scope_kind, 'metric', l.metric, 'window', l.window, 'timeZone', l.tz,
            'hard', bucket.hard_limit::text, 'reserved', bucket.reserved::text, 'settled', bucket.settled::text,
            'amount', amount::text, 'resetsAt', ends,
            'retryAfterSeconds', ceil(extract(epoch from ends - clock_timestamp())))::text;
      end if;
    end loop;
    insert into quota_reservations (video_id, bucket_id, amount) values (p_video, bucket.id, amount);
    insert into quota_ledger (bucket_id, video_id, kind, d_reserved, d_settled, idem)
      values (bucket.id, p_video, 'reserve', amount, 0, 'reserve:' || p_video || ':' || bucket.id);
  end loop;
end$$;

-- The same limits as `quota_reserve` takes, in the same order, as they stand now: one JSON object each, in the form of its details.
create or replace function quota_look(p_key text, p_team text, p_org text, p_amounts jsonb) returns setof jsonb language sql stable as $$
  select jsonb_build_object(
           'limitId', l.id, 'scopeKind', l.scope_kind, 'metric', l.metric, 'window', l.window, 'timeZone', l.tz,
           'hard', l.hard::text, 'reserved', coalesce(b.reserved, 0)::text, 'settled', coalesce(b.settled, 0)::text,
           'amount', p_amounts ->> l.metric, 'resetsAt', p.ends,
           'retryAfterSeconds', ceil(extract(epoch from p.ends - clock_timestamp())))
    from quota_limits l
    cross join lateral (
      select case when l.window = 'none' then 'epoch'::timestamptz else date_trunc(l.window, clock_timestamp(), l.tz) end as starts,
             case when l.window = 'none' then null
                  else (date_trunc(l.window, clock_timestamp() at time zone l.tz) + ('1 ' || l.window)::interval) at time zone l.tz
             end as ends) p
    left join quota_buckets b on b.limit_id = l.id and b.period_start = p.starts
   where p_amounts ? l.metric
     and (l.scope_kind, l.scope_id) in (('key', p_key), ('team', p_team), ('org', p_org))
   order by array_position(array['key', 'team', 'org'], l.scope_kind), l.id
$$;

-- Ends every held reservation of a video, once: with the actual amounts (settle) or with null (release); of one metric where it
-- is named. Videos in flight are always given back. Cost above the reservation is recorded as an overrun, never refused.
create or replace function quota_finish(p_video text, p_actual jsonb, p_metric text default null) returns void language plpgsql as $$
declare
  r record;
  actual bigint;
  overrun bigint;
begin
  for r in
    select qr.bucket_id, qr.amount, l.metric
      from quota_reservations qr
      join quota_buckets b on b.id = qr.bucket_id
      join quota_limits l on l.id = b.limit_id
     where qr.video_id = p_video and qr.state in ('held', 'parked') and l.metric = coalesce(p_metric, l.metric)
     order by array_position(array['key', 'team', 'org'], l.scope_kind), l.id
       for update of qr
  loop
    actual := case when p_actual is null or r.metric = 'concurrent' then 0 else (p_actual ->> r.metric)::bigint end;
    overrun := greatest(0, actual - r.amount);
    update quota_buckets
       set reserved = reserved - r.amount, settled = settled + actual, overrun_allowed = overrun_allowed + overrun
     where id = r.bucket_id;
    update quota_reservations
       set state = case when p_actual is null then 'released' else 'settled' end, settled_amount = actual
     where video_id = p_video and bucket_id = r.bucket_id;
    insert into quota_ledger (bucket_id, video_id, kind, d_reserved, d_settled, idem)
      values (r.bucket_id, p_video, case when p_actual is null or r.metric = 'concurrent' then 'release' else 'settle' end,
              -r.amount, actual, 'finish:' || p_video || ':' || r.bucket_id);
    if overrun > 0 then
      insert into quota_ledger (bucket_id, video_id, kind, d_reserved, d_settled, idem, reason)
        values (r.bucket_id, p_video, 'overrun', 0, 0, 'overrun:' || p_video || ':' || r.bucket_id,
                'actual ' || actual || ' above reserved ' || r.amount);
    end if;
  end loop;
end$$;

-- Keeps what a video may have cost, until an admin decides; it is no longer in flight.
create or replace function quota_park(p_video text) returns void language plpgsql as $$
begin
  perform quota_finish(p_video, null, 'concurrent');
  update quota_reservations set state = 'parked' where video_id = p_video and state = 'held';
end$$;
