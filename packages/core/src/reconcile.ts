import type { ServiceContext } from './context.ts';
import { listAnyOverdueFiles } from './files/index.ts';
import type { Job } from './jobs.ts';
import { jobForState, listAnyOverdueVideos } from './videos/index.ts';

/** How late something must be before the queue's own hint is taken for lost, in ms. */
const GRACE_MS = 2_000;
const BATCH = 200;

/**
 * Finds rows that are overdue with nothing happening and hands each to `run`. It works from Postgres alone, so the queue may
 * lose everything at any moment. Resolves to how many it found.
 */
export async function reconcile(
  ctx: Pick<ServiceContext, 'db' | 'log'>,
  run: (job: Job) => Promise<void>,
): Promise<{ videos: number; files: number }> {
  const videos = await listAnyOverdueVideos(ctx.db, GRACE_MS, BATCH);
  for (const video of videos) {
    const name = jobForState(video.state, video.deleteRequestedAt !== null);
    if (name) await run({ name, payload: { videoId: video.id } });
  }
  const files = await listAnyOverdueFiles(ctx.db, GRACE_MS, BATCH);
  for (const fileId of files) await run({ name: 'purge-file', payload: { fileId } });
  return { videos: videos.length, files: files.length };
}
