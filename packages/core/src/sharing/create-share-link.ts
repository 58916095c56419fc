import { createHash, randomBytes } from 'node:crypto';
import type { Variant } from '@reelgate/contract';
import { newId, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import type { AdminContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { findTeamOfVideo } from '../oversight/index.ts';
import { findContent } from '../videos/index.ts';
import { insertShareLink, type ShareLinkRow } from './queries.ts';

const DAYS = { usual: 7, max: 90 };

/**
 * Lets whoever has the token see one variant of a video that is stored. The token is told now and never again. Throws
 * `video_not_found`, and whatever keeps the content from being downloaded.
 */
export async function createShareLink(
  ctx: Pick<AdminContext, 'db' | 'scope' | 'actor'>,
  videoId: string,
  input: { readonly variant: Variant; readonly expiresAt: Date | null },
): Promise<{ link: ShareLinkRow; token: string }> {
  const teamId = await findTeamOfVideo(ctx, videoId);
  await findContent({ db: ctx.db, principal: { teamId } }, videoId, input.variant);
  const token = randomBytes(32).toString('base64url');
  return await transaction(ctx.db, async (tx) => {
    const id = newId('shareLink');
    const { actor } = ctx;
    const row = {
      ...input,
      id,
      teamId,
      videoId,
      tokenHash: hashOfToken(token),
      createdById: actor.id,
      createdByName: actor.name,
    };
    const link = await insertShareLink(tx, row, DAYS);
    if (!link) {
      throw new ReelgateError('invalid_value', `A link ends in the future, in ${DAYS.max} days at most.`, {
        param: 'expires_at',
      });
    }
    await recordAudit(tx, actor, {
      action: 'share_link.create',
      target: id,
      teamId,
      after: { videoId, variant: link.variant, expiresAt: link.expiresAt },
    });
    return { link, token };
  });
}

export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
