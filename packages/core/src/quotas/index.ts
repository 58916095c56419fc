export { estimateCost } from './price.ts';
export { finishReservations, parkReservations, type QuotaAmounts } from './queries.ts';
export { type LimitQuote, quoteLimits } from './quote-limits.ts';
export { quotaRefusal } from './refusal.ts';
export { type QuotaSetting, setQuota } from './set-quota.ts';
