-- The upstream has taken a video that its sender still holds: the row, its submission and the event, in one statement and so in one
-- round trip, while the caller waits. Answers no row where the lease was lost; else the webhook deliveries that fall due.
create or replace function record_accepted(p jsonb) returns table (delivery_ids text[]) language plpgsql as $$
declare
  video record;
  due text[];
begin
  update videos v
     set state = 'rendering', upstream_id = p -> 'handle' ->> 'id', upstream_handle = p -> 'handle', submitted_at = clock_timestamp(),
         upstream_created_at = coalesce((p ->> 'upstreamCreatedAt')::timestamptz, v.upstream_created_at),
         error_code = null, error_message = null, error_details = null, failures = 0, faults = 0, alerted_at = null,
         next_action_at = clock_timestamp() + make_interval(secs => (p ->> 'dueInMs')::double precision / 1000),
         lease_owner = null, lease_until = null
   where v.id = p ->> 'id' and v.lease_epoch = (p ->> 'leaseEpoch')::int and v.state = p ->> 'from'
  returning v.id, v.team_id, v.upstream_account_id, v.delete_requested_at into video;
  if not found then
    return;
  end if;
  update upstream_submissions s
     set state = 'accepted', ended_at = coalesce(s.ended_at, clock_timestamp()),
         upstream_request_id = coalesce(p ->> 'requestId', s.upstream_request_id)
   where s.id = p ->> 'submissionId';
  -- Who takes a video that was sent after the refusal has credit again.
  update upstream_accounts a set credit_probe_at = null
    from upstream_submissions s
   where a.id = video.upstream_account_id and a.credit_probe_at is not null
     and s.id = p ->> 'submissionId' and s.sent_at > coalesce(a.credit_refused_at, '-infinity');
  -- Nobody is told of a video that its owner has deleted.
  if video.delete_requested_at is null then
    select e.delivery_ids into due
      from emit_event(video.team_id, 'video.queued', video.id, format('{"id":%s}', to_json(video.id))::json) e;
  end if;
  return query select coalesce(due, '{}');
end$$;
