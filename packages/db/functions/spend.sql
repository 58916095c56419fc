-- The one definition of what is spent: usage, its CSV, the dashboard and the check of the ledger read it, and a new limit begins
-- with what it says. A video counts when it was accepted; as reserved until its end is known, then as settled or not at all.
create or replace view spend as
  select v.id as video_id, v.team_id, v.key_id, v.model, v.operation, v.upstream_account_id as upstream, v.metadata as tags,
         v.created_at as at, v.charge,
         case when v.charge in ('open', 'parked') then v.est_micro else 0 end as cost_reserved,
         case when v.charge = 'settled' then v.final_micro else 0 end as cost_settled,
         case when v.charge in ('open', 'parked') then v.billed_seconds else 0 end as seconds_reserved,
         case when v.charge = 'settled' then v.billed_seconds else 0 end as seconds_settled,
         case when v.charge in ('open', 'parked') then 1 else 0 end as videos_reserved,
         case when v.charge = 'settled' then 1 else 0 end as videos_settled,
         case when v.charge = 'open' then 1 else 0 end as concurrent,
         v.is_test,
         case when v.charge = 'released' or v.state in ('failed', 'content_lost') then 1 else 0 end as failed
    from videos v;

-- What of it a limit counts, in its own metric (of test keys, only a limit of the key itself counts anything), from `p_from` until before `p_until`.
create or replace function spend_of_limit(l quota_limits, p_from timestamptz, p_until timestamptz)
returns table (video_id text, charge text, reserved bigint, settled bigint) language sql stable as $$
  select s.video_id, s.charge,
         case l.metric when 'cost' then s.cost_reserved when 'seconds' then s.seconds_reserved when 'videos' then s.videos_reserved
                       else s.concurrent end,
         case l.metric when 'cost' then s.cost_settled when 'seconds' then s.seconds_settled when 'videos' then s.videos_settled
                       else 0 end
    from spend s
   where s.at >= p_from and (p_until is null or s.at < p_until)
     and (l.scope_kind <> 'team' or s.team_id = l.scope_id) and (l.scope_kind <> 'key' or s.key_id = l.scope_id)
     and (l.model is null or s.model = l.model) and s.tags @> l.tags
     and (not s.is_test or l.scope_kind = 'key')
$$;
