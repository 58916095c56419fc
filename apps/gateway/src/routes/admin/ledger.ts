import type { LedgerEntry } from '@reelgate/contract/admin';
import { checkLedger, describeMismatch, type LedgerFilter, type LedgerRow, listLedger } from '@reelgate/core';
import { money, numberOfId, page, pageRequest, time } from '../../admin/answers.ts';
import type { AdminHandlers, AdminRequest } from '../../admin/handler.ts';

const PREFIX = 'led_';
const EXPORTED_AT_ONCE = 1_000;

export const ledgerHandlers = {
  async listLedger({ ctx, query }) {
    const { after, limit } = pageRequest(query);
    const request = { after: numberOfId(PREFIX, after), limit };
    const { rows, hasMore } = await listLedger(ctx, filterOf(query), request);
    return page(rows.map(serializeLedgerEntry), hasMore);
  },
  async exportLedger({ ctx, query }) {
    return allEntries(ctx, filterOf(query));
  },
  async checkLedger({ ctx }) {
    const { buckets, mismatches } = await checkLedger(ctx);
    return {
      object: 'ledger_check',
      balances: buckets,
      agrees: mismatches.length === 0,
      mismatches: mismatches.map(describeMismatch),
    };
  },
} satisfies AdminHandlers;

async function* allEntries(ctx: AdminRequest<'exportLedger'>['ctx'], filter: LedgerFilter) {
  let after: number | null = null;
  for (;;) {
    const { rows, hasMore } = await listLedger(ctx, filter, { after, limit: EXPORTED_AT_ONCE });
    yield* rows.map(serializeLedgerEntry);
    after = rows.at(-1)?.id ?? null;
    if (!hasMore) return;
  }
}

function filterOf(query: AdminRequest<'exportLedger'>['query']): LedgerFilter {
  return {
    teamId: query.team_id,
    quotaId: query.quota_id,
    videoId: query.video_id,
    metric: query.metric,
    kinds: query.kind,
    from: query.from === undefined ? undefined : new Date(query.from),
    to: query.to === undefined ? undefined : new Date(query.to),
  };
}

export function serializeLedgerEntry(row: LedgerRow): LedgerEntry {
  return {
    id: `${PREFIX}${row.id}`,
    object: 'ledger_entry',
    at: time(row.at),
    kind: row.kind,
    quota_id: row.quotaId,
    scope_kind: row.scopeKind,
    scope_id: row.scopeId,
    metric: row.metric,
    period_start: time(row.periodStart),
    video_id: row.videoId,
    reserved_delta: money(row.reservedDelta),
    settled_delta: money(row.settledDelta),
    actor: row.actor,
    reason: row.reason,
  };
}
