import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createJobQueue } from '@reelgate/adapters/bullmq';
import { createFfmpegVariantMaker } from '@reelgate/adapters/ffmpeg';
import { createFilesystemObjectStore } from '@reelgate/adapters/filesystem';
import { createUpstream, type UpstreamConfig } from '@reelgate/adapters/upstreams';
import { createWebhookTransport } from '@reelgate/adapters/webhook-http';
import {
  archiveVideo,
  createModelCatalogue,
  createSecretBox,
  DEFAULT_TIMING,
  type Failpoint,
  jobForState,
  pollVideo,
  purgeVideo,
  resolveSubmission,
  submitVideo,
  type Timing,
  type VideoState,
  type WorkerContext,
} from '@reelgate/core';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { seedModels, TEST_ACCOUNT } from './fixtures.ts';
import { guardPort } from './guard-ports.ts';
import { startSimulator, type TestSimulator } from './simulator.ts';

export interface VideoFacts {
  readonly id: string;
  readonly state: VideoState;
  readonly upstream_id: string | null;
  readonly error_code: string | null;
  readonly delete_requested_at: Date | null;
  readonly next_action_at: Date | null;
  /** When it was first seen to render. */
  readonly started_at: Date | null;
}

/** The longest that `drive` goes on, in ms. */
const DRIVE_MS = 45_000;

/** Everything that one video passes through, all of it real: Postgres, the queue, files, ffmpeg, and the simulator over HTTP. */
export interface Walk {
  readonly database: TestDatabase;
  readonly simulator: TestSimulator;
  readonly ctx: WorkerContext;
  facts(videoId: string): Promise<VideoFacts>;
  /** Does what is due for the video, as a worker (this one, or `as`) would, until it is in one of these states or nothing is left to do. */
  drive(videoId: string, until?: readonly VideoState[], as?: WorkerContext): Promise<VideoFacts>;
  close(): Promise<void>;
}

export async function startWalk(
  options: {
    upstream?: Partial<UpstreamConfig<'openai'>>;
    timing?: Partial<Timing>;
    simulator?: Record<string, string>;
    /** Where no test run provides one. */
    database?: TestDatabase;
    onLog?: (event: string, fields?: Record<string, unknown>) => void;
    failpoint?: Failpoint;
  } = {},
): Promise<Walk> {
  const database = options.database ?? (await createTestDatabase({ max: 20 }));
  const simulator = await startSimulator(options.simulator);
  const directory = await mkdtemp(join(tmpdir(), 'reelgate-walk-'));
  await seedModels(database.db, simulator.baseUrl);
  const upstream = createUpstream({
    kind: 'openai',
    accountId: TEST_ACCOUNT,
    baseUrl: simulator.baseUrl,
    operations: ['create', 'remix', 'edit', 'extend'],
    characters: true,
    videoUploads: true,
    variants: ['video', 'thumbnail', 'spritesheet'],
    lists: true,
    contentLifeMs: 3_600_000,
    pollIntervalMs: 20,
    chargesOnFailure: false,
    ...options.upstream,
  });
  const { onLog = () => undefined } = options;
  const log = { debug: onLog, info: onLog, warn: onLog, error: onLog };
  const jobs = createJobQueue({ databaseUrl: database.url, log });
  const objects = createFilesystemObjectStore({
    directory,
    publicUrl: 'http://localhost',
    signingSecret: 's'.repeat(32),
  });
  await objects.ensureBucket();
  const ctx: WorkerContext = {
    db: database.db,
    models: createModelCatalogue({ db: database.db }),
    timing: { ...DEFAULT_TIMING, ...options.timing },
    owner: 'test',
    failpoint: options.failpoint,
    log,
    secretBox: createSecretBox(Buffer.alloc(32, 7)),
    ports: {
      upstreams: (id) => (id === TEST_ACCOUNT ? guardPort('upstream', upstream) : undefined),
      jobs: guardPort('jobs', jobs.queue),
      objects: guardPort('objects', objects),
      variantMaker: guardPort('variantMaker', createFfmpegVariantMaker()),
      webhooks: guardPort('webhooks', createWebhookTransport({ allowedCidrs: ['127.0.0.0/8'], log })),
    },
  };

  const factsOf = async ({ db }: WorkerContext, videoId: string): Promise<VideoFacts> => {
    const { rows } = await db.$client.query<VideoFacts>(
      'select id, state, upstream_id, error_code, delete_requested_at, next_action_at, started_at from videos where id = $1',
      [videoId],
    );
    if (!rows[0]) throw new Error(`there is no video ${videoId}`);
    return rows[0];
  };

  return {
    database,
    simulator,
    ctx,
    facts: (videoId) => factsOf(ctx, videoId),
    async drive(videoId, until = [], as = ctx) {
      const giveUpAt = performance.now() + DRIVE_MS;
      for (;;) {
        const last = await factsOf(as, videoId);
        if (last.next_action_at === null || until.includes(last.state)) return last;
        if (performance.now() > giveUpAt) throw new Error(`video ${videoId} is still ${last.state}`);
        await act(as, last);
        await wait(10);
      }
    },
    async close() {
      await jobs.close();
      await upstream.close();
      await simulator.close();
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function act(ctx: WorkerContext, video: VideoFacts): Promise<void> {
  switch (jobForState(video.state, video.delete_requested_at !== null)) {
    case 'submit-video':
      await submitVideo(ctx, video.id);
      break;
    case 'resolve-submission':
      await resolveSubmission(ctx, video.id);
      break;
    case 'poll-video':
      await pollVideo(ctx, video.id);
      break;
    case 'archive-video':
      await archiveVideo(ctx, video.id);
      break;
    case 'purge-video':
      await purgeVideo(ctx, video.id);
      break;
  }
}
