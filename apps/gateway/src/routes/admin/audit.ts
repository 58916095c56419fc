import type { AuditEntry } from '@reelgate/contract/admin';
import { type AuditFilter, listAudit, type NamedAuditRow, verifyAudit } from '@reelgate/core';
import { numberOfId, page, pageRequest, time } from '../../admin/answers.ts';
import type { AdminHandlers, AdminRequest } from '../../admin/handler.ts';

const PREFIX = 'aud_';
const EXPORTED_AT_ONCE = 1_000;

export const auditHandlers = {
  async listAudit({ ctx, query }) {
    const { after, limit } = pageRequest(query);
    const { rows, hasMore } = await listAudit(ctx, filterOf(query), {
      after: numberOfId(PREFIX, after),
      limit,
    });
    return page(rows.map(serializeEntry), hasMore);
  },
  async exportAudit({ ctx, query }) {
    return allEntries(ctx, filterOf(query));
  },
  async verifyAudit({ ctx }) {
    const { entries, head, broken } = await verifyAudit(ctx);
    return {
      object: 'audit_verification',
      intact: broken.length === 0,
      entries,
      head,
      broken: broken.map(({ id, why }) => ({ id: `${PREFIX}${id}`, why })),
    };
  },
} satisfies AdminHandlers;

async function* allEntries(ctx: AdminRequest<'exportAudit'>['ctx'], filter: AuditFilter) {
  let after: number | null = null;
  for (;;) {
    const { rows, hasMore } = await listAudit(ctx, filter, { after, limit: EXPORTED_AT_ONCE });
    yield* rows.map(serializeEntry);
    after = rows.at(-1)?.id ?? null;
    if (!hasMore) return;
  }
}

function filterOf(query: AdminRequest<'exportAudit'>['query']): AuditFilter {
  return {
    actorId: query.actor_id,
    actorKind: query.actor_kind,
    actions: query.action,
    target: query.target,
    teamId: query.team_id,
    requestId: query.request_id,
    from: query.from === undefined ? undefined : new Date(query.from),
    to: query.to === undefined ? undefined : new Date(query.to),
  };
}

function serializeEntry(row: NamedAuditRow): AuditEntry {
  return {
    id: `${PREFIX}${row.id}`,
    object: 'audit_entry',
    at: time(row.at),
    actor: { kind: row.actorKind as AuditEntry['actor']['kind'], id: row.actorId, name: row.actorName },
    action: row.action,
    target: row.target,
    target_name: row.targetName,
    team_id: row.teamId,
    before: row.before,
    after: row.after,
    reason: row.reason,
    request_id: row.requestId,
    ip: row.ip,
    hash: row.hash,
  };
}
