-- Rows of record never change.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'RG403';
end$$;
--> statement-breakpoint
create trigger quota_ledger_append_only before update or delete on quota_ledger for each row execute function refuse_change();
--> statement-breakpoint
create trigger webhook_attempts_append_only before update or delete on webhook_attempts for each row execute function refuse_change();
--> statement-breakpoint
create trigger audit_log_append_only before update or delete on audit_log for each row execute function refuse_change();
--> statement-breakpoint
-- The same edges as packages/core/src/videos/state.ts; a test tries every pair against both.
create function guard_video_state() returns trigger language plpgsql as $$
begin
  if old.state = new.state then
    return new;
  end if;
  if (old.state, new.state) not in (
    ('accepted', 'submitting'), ('accepted', 'failed'),
    ('submitting', 'rendering'), ('submitting', 'accepted'), ('submitting', 'unknown'), ('submitting', 'failed'),
    ('unknown', 'rendering'), ('unknown', 'accepted'), ('unknown', 'failed'),
    ('rendering', 'archiving'), ('rendering', 'failed'),
    ('archiving', 'stored'), ('archiving', 'partly_stored'), ('archiving', 'content_lost'),
    ('failed', 'rendering'),
    ('stored', 'purged'), ('partly_stored', 'purged'), ('content_lost', 'purged'), ('failed', 'purged')
  ) then
    raise exception 'a video cannot go from % to %', old.state, new.state using errcode = 'RG409';
  end if;
  new.state_version := old.state_version + 1;
  return new;
end$$;
--> statement-breakpoint
create trigger videos_state_guard before update on videos for each row execute function guard_video_state();
--> statement-breakpoint
-- Takes every amount from every limit that applies, or raises and takes nothing.
-- Buckets are always taken in the order key, team, organization: no deadlock, and the hottest row is held shortest.
-- Raises RG429 (used up) or RG400 (more than the limit ever allows); the detail is a JSON object that names the limit.
create function quota_reserve(p_video text, p_key text, p_team text, p_org text, p_amounts jsonb) returns void language plpgsql as $$
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
--> statement-breakpoint
-- The same limits as `quota_reserve` takes, in the same order, as they stand now: one JSON object each, in the form of its details.
create function quota_look(p_key text, p_team text, p_org text, p_amounts jsonb) returns setof jsonb language sql stable as $$
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
--> statement-breakpoint
-- Ends every held reservation of a video, once: with the actual amounts (settle) or with null (release); of one metric where it
-- is named. Videos in flight are always given back. Cost above the reservation is recorded as an overrun, never refused.
create function quota_finish(p_video text, p_actual jsonb, p_metric text default null) returns void language plpgsql as $$
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
--> statement-breakpoint
-- Keeps what a video may have cost, until an admin decides; it is no longer in flight.
create function quota_park(p_video text) returns void language plpgsql as $$
begin
  perform quota_finish(p_video, null, 'concurrent');
  update quota_reservations set state = 'parked' where video_id = p_video and state = 'held';
end$$;
--> statement-breakpoint
-- Everything that must happen before a cent is spent, in one statement and so in one round trip and one transaction:
-- the row, the reservation, the submission. `submitNow`: the caller itself sends it at once and holds the lease until then.
--
-- The same request is never paid for twice. With an `idempotencyKey` the first one wins, and others wait for it and get its
-- video; with another request under that key it raises RG422. Without one, an SDK's own retry (`retryCount` above 0) is
-- answered with the video of the try before: the oldest of the same key and request whose answer was not wholly sent, or was
-- sent only just now, and that this retry count has not had yet. With `reuse`, a finished video of the team for the same request.
-- Answers the video's id and whether it was there before.
create function accept_video(p jsonb) returns table (video_id text, replayed boolean, created_at timestamptz) language plpgsql as $$
#variable_conflict use_column
declare
  created timestamptz := clock_timestamp();
  submit_now boolean := (p ->> 'submitNow')::boolean;
  lease_end timestamptz := created + make_interval(secs => (p ->> 'leaseMs')::double precision / 1000);
  retry_count int := coalesce((p ->> 'retryCount')::int, 0);
  earlier record;
begin
  if p ->> 'idempotencyKey' is not null then
    -- Waits for another request under the same key that is just being accepted.
    perform pg_advisory_xact_lock(hashtextextended((p ->> 'teamId') || chr(31) || (p ->> 'route') || chr(31) || (p ->> 'idempotencyKey'), 0));
    select i.video_id, i.full_fp, v.created_at into earlier
      from idempotency_keys i join videos v on v.id = i.video_id
     where i.team_id = p ->> 'teamId' and i.route = p ->> 'route' and i.key = p ->> 'idempotencyKey'
       and i.expires_at > clock_timestamp();
    if found then
      if earlier.full_fp <> p ->> 'fullFingerprint' then
        raise exception 'idempotency key used for another request' using errcode = 'RG422';
      end if;
      -- From now on somebody else has its id: it is no longer hidden when its upstream refuses it. Where that has just been done,
      -- which this waits for, the key is free again.
      update videos v set adopted_retries = 1 where v.id = earlier.video_id and v.adopted_retries = 0;
      if exists (select 1 from idempotency_keys i
                  where i.team_id = p ->> 'teamId' and i.route = p ->> 'route' and i.key = p ->> 'idempotencyKey'
                    and i.video_id = earlier.video_id) then
        return query select earlier.video_id, true, earlier.created_at;
        return;
      end if;
    end if;
  elsif retry_count > 0 then
    update videos v set adopted_retries = retry_count
      from (select c.id from videos c
             where c.key_id = p ->> 'keyId' and c.full_fp = p ->> 'fullFingerprint' and c.operation = p ->> 'operation'
               and c.created_at > clock_timestamp() - interval '15 minutes'
               and (c.answered_at is null or c.answered_at > clock_timestamp() - interval '15 seconds')
               and c.adopted_retries < retry_count and c.delete_requested_at is null
             order by (c.answered_at is not null), c.created_at limit 1 for update skip locked) as candidate
     where v.id = candidate.id
    returning v.id, v.created_at into earlier;
    if found then
      return query select earlier.id, true, earlier.created_at;
      return;
    end if;
  end if;

  if (p ->> 'reuse')::boolean then
    select v.id, v.created_at into earlier from videos v
     where v.team_id = p ->> 'teamId' and v.full_fp = p ->> 'fullFingerprint' and v.state = 'stored'
       and v.delete_requested_at is null
     order by v.created_at desc limit 1;
    if found then
      return query select earlier.id, true, earlier.created_at;
      return;
    end if;
  end if;

  insert into videos (
    id, team_id, key_id, operation, model, upstream_account_id, upstream_model, prompt, params, inputs, metadata,
    full_fp, visible_fp, seconds, billed_seconds, size, state, parent_id, root_id, price_id, unit_price_micro, est_micro,
    created_at, next_action_at, lease_owner, lease_until, lease_epoch)
  values (
    p ->> 'id', p ->> 'teamId', p ->> 'keyId', p ->> 'operation', p ->> 'model', p ->> 'upstreamAccountId',
    p ->> 'upstreamModel', p ->> 'prompt', p -> 'params', p -> 'inputs', p -> 'metadata',
    p ->> 'fullFingerprint', p ->> 'visibleFingerprint',
    (p ->> 'seconds')::int, (p ->> 'billedSeconds')::int, p ->> 'size', case when submit_now then 'submitting' else 'accepted' end,
    p ->> 'parentId', coalesce(p ->> 'rootId', p ->> 'id'), p ->> 'priceId', (p ->> 'unitPriceMicroUsd')::bigint,
    (p ->> 'estimatedMicroUsd')::bigint, created,
    case when submit_now then lease_end else created end,
    case when submit_now then p ->> 'leaseOwner' end,
    case when submit_now then lease_end end,
    case when submit_now then 1 else 0 end);
  perform quota_reserve(p ->> 'id', p ->> 'keyId', p ->> 'teamId', 'org', p -> 'amounts');
  insert into upstream_submissions (id, video_id, no, account_id, visible_fp, state, prepared_at, sent_at)
  values (
    p ->> 'submissionId', p ->> 'id', 1, p ->> 'upstreamAccountId', p ->> 'visibleFingerprint',
    case when submit_now then 'sending' else 'prepared' end, created, case when submit_now then created end);
  if p ->> 'idempotencyKey' is not null then
    insert into idempotency_keys (team_id, route, key, full_fp, video_id)
    values (p ->> 'teamId', p ->> 'route', p ->> 'idempotencyKey', p ->> 'fullFingerprint', p ->> 'id')
    on conflict (team_id, route, key) do update
      set full_fp = excluded.full_fp, video_id = excluded.video_id, created_at = clock_timestamp(),
          expires_at = clock_timestamp() + interval '30 days';
  end if;
  return query select p ->> 'id', false, created;
end$$;
