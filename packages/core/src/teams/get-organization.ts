import type { Database } from '@reelgate/db';
import { findOrganization, type OrganizationView } from './queries.ts';

/** The company of this deployment. */
export async function getOrganization(ctx: { db: Database }): Promise<OrganizationView> {
  return await findOrganization(ctx.db);
}
