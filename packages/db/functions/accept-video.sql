-- Everything that must happen before a cent is spent, in one statement and so in one round trip and one transaction:
-- the row, the reservation, the submission. `submitNow`: the caller itself sends it at once and holds the lease until then.
--
-- The same request is never paid for twice. With an `idempotencyKey` the first one wins, and others wait for it and get its
-- video; with another request under that key it raises RG422. Without one, an SDK's own retry (`retryCount` above 0) is
-- answered with the video of the try before: the oldest of the same key and request that this retry count has not had yet and
-- whose answer was not wholly sent, or was sent within the last minute, or whose id nobody has asked for since. (What was sent may be
-- lost on a silent connection, which an SDK gives up after ten minutes.) A try that comes `ageMs` late, after a retry of its own
-- has made the video or got it, is answered with that. With `reuse`, a finished video of the team for the same request.
-- Answers the video's id and whether it was there before, and how the quota stands that has the smallest part of itself left.
--
-- A refusal is an answer too (`refusal`, with no id): as an error it would cost a connection, and what it tells
-- (`quota.exhausted`) would be rolled back with it.
create or replace function accept_video(p jsonb)
returns table (video_id text, replayed boolean, created_at timestamptz, refusal jsonb, quota jsonb) language plpgsql as $$
#variable_conflict use_column
declare
  created timestamptz := clock_timestamp();
  is_test boolean := coalesce((p ->> 'isTest')::boolean, false);
  submit_now boolean := (p ->> 'submitNow')::boolean;
  lease_end timestamptz := created + make_interval(secs => (p ->> 'leaseMs')::double precision / 1000);
  retry_count int := coalesce((p ->> 'retryCount')::int, 0);
  latest timestamptz := created - make_interval(secs => coalesce((p ->> 'ageMs')::double precision, 0) / 1000);
  -- By the caller's clock too, which counts the wait for a connection; but not where that clock is far off.
  arrived timestamptz := least(latest, greatest(
    coalesce(to_timestamp((p ->> 'receivedAtMs')::double precision / 1000), latest), latest - interval '30 seconds'));
  candidate text;
  earlier record;
  standing jsonb;
  detail text;
  state text;
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
        return query select earlier.video_id, true, earlier.created_at, null::jsonb, null::jsonb;
        return;
      end if;
    end if;
  else
    -- Tries of one request may overtake each other on their way: they wait for each other here, whoever comes first.
    perform pg_advisory_xact_lock(hashtextextended((p ->> 'keyId') || chr(31) || (p ->> 'fullFingerprint'), 0));
    while retry_count > 0 loop
      select c.id into candidate from videos c
       where c.key_id = p ->> 'keyId' and c.full_fp = p ->> 'fullFingerprint' and c.operation = p ->> 'operation'
         and c.created_at > clock_timestamp() - interval '15 minutes'
         and (c.answered_at is null or c.read_at is null or c.answered_at > clock_timestamp() - interval '1 minute')
         and c.adopted_retries < retry_count and c.delete_requested_at is null
       order by (c.answered_at is not null), (c.read_at is not null), c.created_at limit 1;
      exit when not found;
      -- Waits for whoever just works on it: to pass over it would be to pay a second time.
      update videos v set adopted_retries = retry_count, adopted_at = clock_timestamp()
       where v.id = candidate and v.adopted_retries < retry_count and v.delete_requested_at is null
      returning v.id, v.created_at into earlier;
      if found then
        return query select earlier.id, true, earlier.created_at, null::jsonb, null::jsonb;
        return;
      end if;
    end loop;
    -- A try that was held up until a later one has made the video or got it: its caller has given it up long ago.
    select c.id, c.created_at into earlier from videos c
     where c.key_id = p ->> 'keyId' and c.full_fp = p ->> 'fullFingerprint' and c.operation = p ->> 'operation'
       and c.delete_requested_at is null
       and ((c.made_by_retry > retry_count and c.created_at > arrived) or (c.adopted_retries > retry_count and c.adopted_at > arrived))
     order by c.created_at limit 1;
    if found then
      return query select earlier.id, true, earlier.created_at, null::jsonb, null::jsonb;
      return;
    end if;
  end if;

  if (p ->> 'reuse')::boolean then
    select v.id, v.created_at into earlier from videos v
     where v.team_id = p ->> 'teamId' and v.full_fp = p ->> 'fullFingerprint' and v.state = 'stored'
       and v.delete_requested_at is null
     order by v.created_at desc limit 1;
    if found then
      return query select earlier.id, true, earlier.created_at, null::jsonb, null::jsonb;
      return;
    end if;
  end if;

  refusal := coalesce(
    brake_in_force(p ->> 'keyId', p ->> 'teamId'),
    intake_closed(p ->> 'upstreamAccountId'),
    out_of_credit(p ->> 'upstreamAccountId'));
  if refusal is not null then
    return query select null::text, false, created, refusal, null::jsonb;
    return;
  end if;

  begin
    insert into videos (
      id, team_id, key_id, is_test, operation, model, upstream_account_id, upstream_model, prompt, params, inputs, metadata,
      full_fp, visible_fp, seconds, billed_seconds, size, state, parent_id, root_id, price_id, unit_price_micro, est_micro,
      created_at, made_by_retry, next_action_at, lease_owner, lease_until, lease_epoch)
    values (
      p ->> 'id', p ->> 'teamId', p ->> 'keyId', is_test, p ->> 'operation', p ->> 'model', p ->> 'upstreamAccountId',
      p ->> 'upstreamModel', p ->> 'prompt', p -> 'params', p -> 'inputs', p -> 'metadata',
      p ->> 'fullFingerprint', p ->> 'visibleFingerprint',
      (p ->> 'seconds')::int, (p ->> 'billedSeconds')::int, p ->> 'size', case when submit_now then 'submitting' else 'accepted' end,
      p ->> 'parentId', coalesce(p ->> 'rootId', p ->> 'id'), p ->> 'priceId', (p ->> 'unitPriceMicroUsd')::bigint,
      (p ->> 'estimatedMicroUsd')::bigint, created, retry_count,
      case when submit_now then lease_end else created end,
      case when submit_now then p ->> 'leaseOwner' end,
      case when submit_now then lease_end end,
      case when submit_now then 1 else 0 end);
    -- Of the limits, only those of a test key itself count what it makes.
    standing := quota_reserve(
      p ->> 'id', p ->> 'keyId', case when not is_test then p ->> 'teamId' end, case when not is_test then 'org' end, p -> 'amounts', p ->> 'model', coalesce(p -> 'metadata', '{}'), created);
    detail := case when not is_test
                   then velocity_count(p ->> 'keyId', p ->> 'teamId', (p ->> 'estimatedMicroUsd')::bigint, created) end;
    if detail is not null then
      raise exception 'too fast' using errcode = 'RG423', detail = detail;
    end if;
  exception when sqlstate 'RG429' or sqlstate 'RG400' or sqlstate 'RG423' then
    get stacked diagnostics detail = pg_exception_detail, state = returned_sqlstate;
    if state = 'RG423' then
      -- The key is held from now on, and its team is told.
      insert into brakes (scope_kind, scope_id, reason, pulled_by)
        values ('key', p ->> 'keyId', detail, 'velocity') on conflict do nothing;
      if found then
        perform emit_event(p ->> 'teamId', 'api_key.paused', null, json_build_object('id', p ->> 'keyId', 'reason', detail));
      end if;
      return query select null::text, false, created, brake_in_force(p ->> 'keyId', p ->> 'teamId'), null::jsonb;
      return;
    end if;
    perform quota_exhausted((detail::jsonb ->> 'bucketId')::bigint);
    return query select null::text, false, created, detail::jsonb, null::jsonb;
    return;
  end;
  if p ->> 'webhookUrl' is not null then
    insert into webhook_endpoints (id, team_id, kind, url, event_types)
    select p ->> 'webhookEndpointId', p ->> 'teamId', 'video', p ->> 'webhookOrigin',
           array(select jsonb_array_elements_text(p -> 'webhookEventTypes'))
     where not exists (select from webhook_endpoints e where e.team_id = p ->> 'teamId' and e.url = p ->> 'webhookOrigin'
                                                         and e.kind = 'video' and e.deleted_at is null)
    on conflict do nothing;
    insert into video_webhooks (video_id, endpoint_id, url)
    select p ->> 'id', e.id, p ->> 'webhookUrl' from webhook_endpoints e
     where e.team_id = p ->> 'teamId' and e.url = p ->> 'webhookOrigin' and e.kind = 'video' and e.deleted_at is null;
  end if;
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
  return query select p ->> 'id', false, created, null::jsonb, standing;
end$$;
