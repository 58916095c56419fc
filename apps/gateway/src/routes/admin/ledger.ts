import type { LedgerCheck as LedgerCheckJson, LedgerEntry } from '@reelgate/contract/admin';
import {
  getLedgerCheck,
  type LedgerCheck,
  type LedgerFilter,
  type LedgerRow,
  listLedger,
  recheckLedger,
} from '@reelgate/core';
import { money, numberOfId, page, pageRequest, time, timeOrNull } from '../../admin/answers.ts';
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
    return serializeLedgerCheck(await recheckLedger(ctx));
  },
  async getLedgerCheck({ ctx }) {
    const check = await getLedgerCheck(ctx);
    return { object: 'last_ledger_check', last: check && serializeLedgerCheck(check) };
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

function serializeLedgerCheck(check: LedgerCheck): LedgerCheckJson {
  return {
    object: 'ledger_check',
    checked_at: time(check.checkedAt),
    balances: check.balances,
    agrees: check.mismatches === 0,
    mismatches: [...check.lines],
    mismatches_in_all: check.mismatches,
    differs_since: timeOrNull(check.differsSince),
  };
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
