import { recordAudit } from '../audit/index.ts';
import { type AdminContext, UNRESTRICTED } from '../context.ts';
import { cancelVideo } from '../videos/index.ts';
import { findTeamOfVideo } from './find-team-of-video.ts';

/** Cancels a video of any team in the scope that no upstream has been sent yet. Throws as `cancelVideo` does. */
export async function cancelAnyVideo(ctx: AdminContext, id: string, reason?: string): Promise<void> {
  const teamId = await findTeamOfVideo(ctx, id);
  const principal = { ...UNRESTRICTED, keyId: ctx.actor.id, teamId };
  await cancelVideo({ ...ctx, principal }, id, (tx) =>
    recordAudit(tx, ctx.actor, { action: 'video.cancel', target: id, teamId, reason: reason ?? null }),
  );
}
