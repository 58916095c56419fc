import type { ShareLink } from '@reelgate/contract/admin';
import { createShareLink, listShareLinks, revokeShareLink, type ShareLinkRow } from '@reelgate/core';
import { page, time, timeOrNull } from '../../admin/answers.ts';
import type { AdminHandlers } from '../../admin/handler.ts';

/** `serverUrl`: where the links lead; empty for wherever the request came to. */
export function createShareLinkHandlers({ serverUrl }: { readonly serverUrl: string }) {
  return {
    async listShareLinks({ ctx, params }) {
      const links = await listShareLinks(ctx, params.video_id);
      return page(links.map(serializeShareLink), false);
    },
    async createShareLink({ ctx, params, body, c }) {
      const { link, token } = await createShareLink(ctx, params.video_id, {
        variant: body.variant,
        expiresAt: body.expires_at === undefined ? null : new Date(body.expires_at),
      });
      const base = serverUrl || new URL(c.req.url).origin;
      return { ...serializeShareLink(link), url: `${base}/share/${token}` };
    },
    async revokeShareLink({ ctx, params }) {
      return serializeShareLink(await revokeShareLink(ctx, params.share_link_id));
    },
  } satisfies AdminHandlers;
}

function serializeShareLink(link: ShareLinkRow): ShareLink {
  return {
    id: link.id,
    object: 'share_link',
    video_id: link.videoId,
    variant: link.variant,
    created_by: { id: link.createdById, name: link.createdByName },
    created_at: time(link.createdAt),
    expires_at: time(link.expiresAt),
    revoked_at: timeOrNull(link.revokedAt),
  };
}
