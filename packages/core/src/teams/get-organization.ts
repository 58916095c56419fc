import type { Database } from '@reelgate/db';
import { findOrganization } from './queries.ts';

/** The company of this deployment: what it is called, and the IANA zone in which its days begin. */
export async function getOrganization(ctx: { db: Database }): Promise<{ name: string; timeZone: string }> {
  return (await findOrganization(ctx.db)) ?? { name: 'Organization', timeZone: 'UTC' };
}
