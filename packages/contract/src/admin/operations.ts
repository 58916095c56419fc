/** Every operation of the Admin API, in one table, by its name. */
import { auditOperations } from './audit.ts';
import { grantOperations } from './grants.ts';
import { keyOperations } from './keys.ts';
import { ledgerOperations } from './ledger.ts';
import { meOperations } from './me.ts';
import { organizationOperations } from './organization.ts';
import { orphanOperations } from './orphans.ts';
import { overviewOperations } from './overview.ts';
import { priceOperations } from './prices.ts';
import { quotaOperations } from './quotas.ts';
import { shareLinkOperations } from './share-links.ts';
import { teamOperations } from './teams.ts';
import { upstreamOperations } from './upstreams.ts';
import { usageOperations } from './usage.ts';
import { userOperations } from './users.ts';
import { velocityBreakerOperations } from './velocity-breakers.ts';
import { videoOperations } from './video-detail.ts';
import { videoFindOperations } from './videos.ts';
import { webhookOperations } from './webhooks.ts';

/** Names such as `counts` stand where ids can, so what finds videos comes before what is done to one. */
export const ADMIN_OPERATIONS = {
  ...meOperations,
  ...overviewOperations,
  ...organizationOperations,
  ...teamOperations,
  ...userOperations,
  ...keyOperations,
  ...quotaOperations,
  ...grantOperations,
  ...velocityBreakerOperations,
  ...priceOperations,
  ...upstreamOperations,
  ...videoFindOperations,
  ...videoOperations,
  ...shareLinkOperations,
  ...orphanOperations,
  ...webhookOperations,
  ...usageOperations,
  ...ledgerOperations,
  ...auditOperations,
} as const;

export type AdminOperationId = keyof typeof ADMIN_OPERATIONS;
