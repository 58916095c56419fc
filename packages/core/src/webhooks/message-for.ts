import type { Event } from '@reelgate/contract';
import type { WorkerContext } from '../context.ts';
import { type DeliveryClaim, findAnySlackVideo } from './queries/index.ts';
import { PLAIN_HEADERS, signedHeaders } from './signed-headers.ts';
import { slackMessage } from './slack-message.ts';

/** How long the links in a chat message work. */
const LINK_SECONDS = 7 * 24 * 60 * 60;

/** What is posted: the stored bytes, signed; for a chat, a message made of them now. */
export async function messageFor(
  ctx: WorkerContext,
  claim: DeliveryClaim,
  at: Date,
): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly body: Buffer }> {
  if (claim.kind !== 'slack') {
    const secrets = claim.secrets.map((sealed) => ctx.secretBox.open(sealed));
    return { headers: signedHeaders(claim.eventId, claim.payload, secrets, at), body: claim.payload };
  }
  const event = JSON.parse(claim.payload.toString('utf8')) as Event;
  const found = claim.videoId === null ? null : await findAnySlackVideo(ctx.db, claim.videoId);
  const link = async (asset: { objectKey: string; contentType: string } | undefined, fileName: string) =>
    asset
      ? await ctx.ports.objects.presign(asset.objectKey, {
          expiresInSeconds: LINK_SECONDS,
          contentType: asset.contentType,
          fileName,
        })
      : null;
  const video = found && {
    ...found,
    thumbnailUrl: await link(found.thumbnail, `${claim.videoId}.webp`),
    videoUrl: await link(found.file, `${claim.videoId}.mp4`),
  };
  const message = slackMessage({ type: claim.type, id: event.data.id, video });
  return { headers: PLAIN_HEADERS, body: Buffer.from(JSON.stringify(message)) };
}
