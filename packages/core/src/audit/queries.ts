import { type Queryable, schema } from '@reelgate/db';
import { and, desc, eq, getTableColumns, gte, inArray, lt, type SQL, sql } from 'drizzle-orm';

const { auditLog } = schema;

export type AuditRow = typeof auditLog.$inferSelect;

/** Of every column that the function does not fill by itself. */
export async function insertAudit(
  db: Queryable,
  row: Omit<AuditRow, 'id' | 'at' | 'prevHash' | 'hash'>,
): Promise<void> {
  const columns = {
    actor_kind: row.actorKind,
    actor_id: row.actorId,
    actor_name: row.actorName,
    ip: row.ip,
    action: row.action,
    target: row.target,
    team_id: row.teamId,
    before: row.before,
    after: row.after,
    reason: row.reason,
    request_id: row.requestId,
  };
  await db.execute(sql`select record_audit(${JSON.stringify(columns)}::jsonb)`);
}

export interface AuditFilter {
  readonly actorId?: string | undefined;
  readonly actorKind?: string | undefined;
  readonly actions?: readonly string[] | undefined;
  readonly target?: string | undefined;
  readonly teamId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** With the name that its target has today, where that is a team, a key or a person. */
export interface NamedAuditRow extends AuditRow {
  readonly targetName: string | null;
}

const targetName = sql<string | null>`coalesce(
  (select t.name from teams t where t.id = audit_log.target),
  (select k.name from api_keys k where k.id = audit_log.target),
  (select u.name from users u where u.id = audit_log.target))`;

/** Newest first, from the one before `beforeId` on. */
export async function listAnyAudit(
  db: Queryable,
  filter: AuditFilter,
  page: { readonly beforeId: number | null; readonly limit: number },
): Promise<NamedAuditRow[]> {
  return await db
    .select({ ...getTableColumns(auditLog), targetName })
    .from(auditLog)
    .where(and(page.beforeId === null ? undefined : lt(auditLog.id, page.beforeId), ...conditions(filter)))
    .orderBy(desc(auditLog.id))
    .limit(page.limit);
}

function conditions(filter: AuditFilter): (SQL | undefined)[] {
  const { actorId, actorKind, actions, target, teamId, requestId, from, to } = filter;
  return [
    actorId === undefined ? undefined : eq(auditLog.actorId, actorId),
    actorKind === undefined ? undefined : eq(auditLog.actorKind, actorKind),
    actions === undefined ? undefined : inArray(auditLog.action, [...actions]),
    target === undefined ? undefined : eq(auditLog.target, target),
    teamId === undefined ? undefined : eq(auditLog.teamId, teamId),
    requestId === undefined ? undefined : eq(auditLog.requestId, requestId),
    from === undefined ? undefined : gte(auditLog.at, from),
    to === undefined ? undefined : lt(auditLog.at, to),
  ];
}

/** The rows from `afterId` on whose hash is not theirs, or that do not follow on the one before. `previous`: its hash. */
export async function verifyAnyAudit(
  db: Queryable,
  from: { readonly afterId: number; readonly previous: string | null },
  limit: number,
): Promise<{ id: number; hash: string; follows: boolean; whole: boolean }[]> {
  const { rows } = await db.execute<{ id: string; hash: string; follows: boolean; whole: boolean }>(sql`
    select a.id, a.hash,
           a.prev_hash is not distinct from lag(a.hash, 1, ${from.previous}::text) over (order by a.id) as follows,
           a.hash = audit_hash(a) as whole
      from audit_log a where a.id > ${from.afterId} order by a.id limit ${limit}`);
  return rows.map((row) => ({ ...row, id: Number(row.id) }));
}
