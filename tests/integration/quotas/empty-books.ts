import type pg from 'pg';

/** What nobody can do in production: begins again with no video and no limit. */
export async function emptyBooks(pool: pg.Pool): Promise<void> {
  await pool.query(`
    begin;
    alter table quota_ledger disable trigger quota_ledger_never_emptied;
    truncate videos, quota_limits cascade;
    alter table quota_ledger enable trigger quota_ledger_never_emptied;
    commit`);
}
