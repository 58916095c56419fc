-- What an administrator said of an account's new videos: null where it takes them.
create or replace function intake_closed(p_account text) returns jsonb language sql stable as $$
  select jsonb_build_object('intake', a.intake)
    from upstream_accounts a where a.id = p_account and a.intake <> 'open'
$$;

-- What holds new videos back of an account that is known to be out of credit; null where nothing does. Once its time has come one
-- caller gets null and is the probe, which is to be told of within half a minute: others wait for what it finds.
create or replace function out_of_credit(p_account text) returns jsonb language plpgsql as $$
declare
  probe_at timestamptz;
begin
  select a.credit_probe_at into probe_at from upstream_accounts a where a.id = p_account;
  if probe_at is null then
    return null;
  end if;
  update upstream_accounts a set credit_probe_at = clock_timestamp() + interval '30 seconds'
   where a.id = p_account and a.credit_probe_at <= clock_timestamp();
  if found then
    return null;
  end if;
  return jsonb_build_object(
    'outOfCredit', true, 'retryAfterSeconds', ceil(greatest(1, extract(epoch from probe_at - clock_timestamp())))::int);
end$$;
