-- What a row of the audit log is bound to: all of itself and the hash of the row before.
create or replace function audit_hash(p audit_log) returns text language sql immutable as $$
  select encode(sha256(convert_to(jsonb_build_array(
    p.prev_hash, p.id, extract(epoch from p.at), p.actor_kind, p.actor_id, p.actor_name, p.ip, p.action, p.target, p.team_id,
    p.before, p.after, p.reason, p.request_id)::text, 'UTF8')), 'hex')
$$;

-- Writes one row, in the transaction of the change that it tells of. Writers wait for each other until that ends, so the chain has
-- no forks; who also locks other rows does so before.
create or replace function record_audit(p jsonb) returns bigint language plpgsql as $$
declare
  entry audit_log;
begin
  perform pg_advisory_xact_lock(hashtextextended('audit_log', 0));
  entry := jsonb_populate_record(null::audit_log, p);
  entry.id := nextval(pg_get_serial_sequence('audit_log', 'id'));
  entry.at := clock_timestamp();
  entry.prev_hash := (select hash from audit_log order by id desc limit 1);
  entry.hash := audit_hash(entry);
  insert into audit_log overriding system value select entry.*;
  return entry.id;
end$$;
