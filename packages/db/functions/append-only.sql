-- Rows of record never change.
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'RG403';
end$$;

create or replace trigger quota_ledger_append_only before update or delete on quota_ledger for each row execute function refuse_change();

-- Attempts go with their events when these are old.
create or replace trigger webhook_attempts_append_only before update on webhook_attempts for each row execute function refuse_change();

create or replace trigger audit_log_append_only before update or delete on audit_log for each row execute function refuse_change();

create or replace trigger audit_log_never_emptied before truncate on audit_log for each statement execute function refuse_change();

create or replace trigger quota_ledger_never_emptied before truncate on quota_ledger for each statement execute function refuse_change();
