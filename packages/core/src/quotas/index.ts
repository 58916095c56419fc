export { checkLedger, describeMismatch } from './check-ledger.ts';
export { estimateCost } from './price.ts';
export {
  finishReservations,
  type LedgerMismatch,
  parkReservations,
  type QuotaAmounts,
} from './queries/index.ts';
export { type LimitQuote, quoteLimits } from './quote-limits.ts';
export { type LimitState, parseLimitState, refusalOf } from './refusal.ts';
export { type QuotaChange, type QuotaSetting, setQuota } from './set-quota.ts';
export { setTimeZone } from './set-time-zone.ts';
