export { applyQuotas, planQuotas, type QuotaStep } from './apply-quotas.ts';
export { pullBrake, releaseBrake } from './brakes.ts';
export {
  type BudgetDecision,
  decideBudgetRequest,
  listBudgetRequests,
  requestBudget,
} from './budget-requests.ts';
export {
  checkLedger,
  checkLedgerInTurn,
  describeMismatch,
  getLedgerCheck,
  recheckLedger,
} from './check-ledger.ts';
export { explainRefusal } from './explain-refusal.ts';
export { getUsage, type Usage, type UsageQuestion } from './get-usage.ts';
export { endGrant, type GrantOrder, grantMore, listGrants } from './grants.ts';
export { getQuota, listOwnQuotas, listQuotas } from './list-quotas.ts';
export { previewQuota, type QuotaPreview } from './preview-quota.ts';
export { estimateCost, type PriceTerms } from './price.ts';
export {
  type BrakeRow,
  type BrakeScope,
  type BudgetRequestView,
  findBrakeInForce,
  finishReservations,
  type GrantView,
  isQuotaRefusal,
  type LedgerCheck,
  type LedgerMismatch,
  type LimitView,
  parkReservations,
  type QuotaAmounts,
  reserveAmounts,
  type UsageGroup,
  type UsageRow,
  type VelocityBreaker,
  type VelocityBreakerView,
} from './queries/index.ts';
export { type LimitQuote, quoteLimits } from './quote-limits.ts';
export { type LimitState, parseLimitState, parseStanding, refusalOf } from './refusal.ts';
export { type QuotaChange, type QuotaSetting, removeQuota, setQuota } from './set-quota.ts';
export { updateOrganization } from './update-organization.ts';
export {
  getVelocityBreaker,
  listVelocityBreakers,
  removeVelocityBreaker,
  setVelocityBreaker,
  velocityScope,
} from './velocity-breakers.ts';
