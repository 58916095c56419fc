import type { Database } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { type Content, findContent } from '../videos/index.ts';
import { hashOfToken } from './create-share-link.ts';
import { findSharedByHash } from './queries.ts';

/** What a share link shows; null, whatever the reason, where it shows nothing. */
export async function findSharedContent(
  ctx: { readonly db: Database },
  token: string,
): Promise<(Content & { readonly videoId: string }) | null> {
  const shared = await findSharedByHash(ctx.db, hashOfToken(token));
  if (!shared) return null;
  const { teamId, videoId, variant } = shared;
  try {
    return { ...(await findContent({ db: ctx.db, principal: { teamId } }, videoId, variant)), videoId };
  } catch (error) {
    if (error instanceof ReelgateError) return null;
    throw error;
  }
}
