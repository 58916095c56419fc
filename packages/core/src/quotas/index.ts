export { checkLedger, describeMismatch } from './check-ledger.ts';
export { estimateCost } from './price.ts';
export { finishReservations, type LedgerMismatch, parkReservations, type QuotaAmounts } from './queries.ts';
export { type LimitQuote, quoteLimits } from './quote-limits.ts';
export { quotaRefusal } from './refusal.ts';
export { type QuotaSetting, setQuota } from './set-quota.ts';
