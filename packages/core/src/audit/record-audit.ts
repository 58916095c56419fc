import type { Queryable } from '@reelgate/db';
import type { Actor } from '../context.ts';
import { insertAudit } from './queries.ts';

export interface AuditChange {
  /** `team.create`, `key.revoke` and so on. */
  readonly action: string;
  /** The id of what is changed. */
  readonly target: string;
  /** The team that it belongs to, or is. */
  readonly teamId?: string | null;
  readonly before?: Readonly<Record<string, unknown>> | null;
  readonly after?: Readonly<Record<string, unknown>> | null;
  readonly reason?: string | null;
}

/**
 * Writes who changed what, in the transaction of the change itself. Comes after every lock on other rows: writers wait for each
 * other from here to the end of the transaction. No secret may be in `before` or `after`; a bigint becomes its decimal digits.
 */
export async function recordAudit(tx: Queryable, actor: Actor, change: AuditChange): Promise<void> {
  const { action, target, teamId = null, before = null, after = null, reason = null } = change;
  await insertAudit(tx, {
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    ip: actor.ip,
    requestId: actor.requestId,
    action,
    target,
    teamId,
    before: plain(before),
    after: plain(after),
    reason,
  });
  actor.onRecorded?.();
}

function plain(facts: Readonly<Record<string, unknown>> | null): Record<string, unknown> | null {
  if (facts === null) return null;
  const json = JSON.stringify(facts, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return JSON.parse(json) as Record<string, unknown>;
}
