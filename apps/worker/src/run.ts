import { createJobConsumer, createJobQueue } from '@reelgate/adapters/bullmq';
import { createFailpoints } from '@reelgate/adapters/failpoints';
import { createFfmpegVariantMaker } from '@reelgate/adapters/ffmpeg';
import { openSpool } from '@reelgate/adapters/filesystem';
import { createObjectStore } from '@reelgate/adapters/object-store';
import { createUpstreamDirectory } from '@reelgate/adapters/upstreams';
import { createWebhookTransport } from '@reelgate/adapters/webhook-http';
import {
  createModelCatalogue,
  createSecretBox,
  DEFAULT_TIMING,
  tellOfBreakers,
  type WorkerContext,
} from '@reelgate/core';
import { createDatabase, createSignals, migrateDatabase } from '@reelgate/db';
import {
  announceReady,
  ConfigurationError,
  countEvents,
  createHealth,
  createLogger,
  createMetrics,
  createShutdown,
  EnvironmentError,
  fallbackStoreSettings,
  loadConfiguration,
  measureUpstreamCalls,
  objectStoreSettings,
  ownServers,
  parseEnvironment,
  startMetricsServer,
} from '@reelgate/runtime';
import { startArchiving } from './archiving.ts';
import { startCanary } from './canary.ts';
import { checkStore } from './check-store.ts';
import { startDeliverer } from './deliverer.ts';
import { environmentSchema } from './env.ts';
import { startHealthServer } from './health-server.ts';
import { gaugeBreakers, gaugeVideos, timeEvents } from './observe.ts';
import { startPolling } from './polling.ts';
import { startReconciler } from './reconciler.ts';
import { createRegistry } from './registry.ts';
import { startUpkeep } from './upkeep.ts';

/** How often to look for deliveries that are due again, or that nobody signalled. */
const DELIVERY_INTERVAL_MS = 1_000;
const DELIVERY_CONNECTIONS = 5;

async function main(): Promise<void> {
  const env = parseEnvironment('The worker', environmentSchema);
  const configuration = await loadConfiguration(env.REELGATE_CONFIG, process.env);
  const metrics = createMetrics('worker');
  const log = countEvents(
    createLogger({ service: 'worker', level: env.LOG_LEVEL }),
    metrics,
    timeEvents(metrics),
  );
  const shutdown = createShutdown({ log });

  await migrateDatabase(env.DATABASE_URL);
  const { db, close: closeDatabase } = createDatabase(env.DATABASE_URL, {
    applicationName: 'reelgate-worker',
    max: env.DATABASE_CONNECTIONS,
    onError: (error) => log.warn('database.connection_lost', { error }),
  });
  shutdown.add('database', closeDatabase, 5_000);

  const own = ownServers(env);
  const publicUrl = env.PUBLIC_URL ?? 'http://localhost:8080';
  const { store } = createObjectStore(
    objectStoreSettings(env, publicUrl),
    fallbackStoreSettings(env, publicUrl),
  );
  shutdown.add('object store', () => store.close(), 5_000);
  const spool =
    env.ARCHIVE_SPOOL_DIRECTORY === undefined
      ? undefined
      : await openSpool(env.ARCHIVE_SPOOL_DIRECTORY, env.ARCHIVE_SPOOL_MAX_BYTES);
  const storeCheck = checkStore(store, log);
  shutdown.add('object store check', () => storeCheck.stop(), 1_000);

  const backend = { databaseUrl: env.DATABASE_URL, ...(env.REDIS_URL ? { redisUrl: env.REDIS_URL } : {}) };
  const jobs = createJobQueue({ ...backend, log });
  shutdown.add('job queue', () => jobs.close(), 5_000);
  const upstreams = createUpstreamDirectory(configuration.upstreams, measureUpstreamCalls(metrics), {
    allowedCidrs: env.UPSTREAM_OUTPUT_ALLOWED_CIDRS,
    ownServers: own.servers,
    proxy: env.EGRESS_PROXY,
  });
  gaugeBreakers(metrics, upstreams.breakers);
  // A create in flight may take its whole deadline, and its answer is worth money.
  shutdown.add('upstreams', () => upstreams.close(), env.SHUTDOWN_TIMEOUT);

  const givingUp = new AbortController();
  const ctx: WorkerContext = {
    givingUp: givingUp.signal,
    db,
    models: createModelCatalogue({ db }),
    log,
    timing: {
      ...DEFAULT_TIMING,
      leaseMs: env.LEASE,
      stuckMs: env.STUCK_AFTER,
      searchMs: env.SEARCH_TIME,
      horizonMs: env.SEARCH_HORIZON,
      renderMs: env.RENDER_TIMEOUT,
      undoMs: env.DELETE_UNDO_WINDOW,
      garbageGraceMs: env.GARBAGE_GRACE,
      eventsKeptMs: env.EVENT_RETENTION,
    },
    owner: `worker-${crypto.randomUUID()}`,
    failpoint:
      env.FAILPOINTS_DIRECTORY === undefined ? undefined : createFailpoints(env.FAILPOINTS_DIRECTORY),
    secretBox: createSecretBox(env.REELGATE_SECRET_KEY),
    ports: {
      upstreams: upstreams.find,
      objects: store,
      jobs: jobs.queue,
      variantMaker: createFfmpegVariantMaker(),
      spool,
      webhooks: createWebhookTransport({
        allowedCidrs: env.WEBHOOK_ALLOWED_CIDRS,
        ownServers: [...own.servers, ...own.stores],
        proxy: env.EGRESS_PROXY,
        log,
      }),
    },
  };
  const breakers = tellOfBreakers(ctx, upstreams.breakers);
  shutdown.add('breakers', () => breakers.stop(), 5_000);
  const archiving = startArchiving(ctx, { lanes: env.ARCHIVE_LANES });
  shutdown.add(
    'archiving',
    async () => {
      const limit = setTimeout(() => givingUp.abort(new Error('the worker stops')), env.SHUTDOWN_TIMEOUT);
      await archiving.stop();
      clearTimeout(limit);
    },
    env.SHUTDOWN_TIMEOUT + 5_000,
  );
  const registry = createRegistry(ctx, archiving);
  const consumer = createJobConsumer({ ...backend, handlers: registry, log });
  shutdown.add('consumer', () => consumer.close(env.SHUTDOWN_TIMEOUT), env.SHUTDOWN_TIMEOUT + 1_000);
  const canary = startCanary({
    queue: jobs,
    consumer,
    log,
    metrics,
    // Whoever supervises the process starts it again; its leases run out by themselves.
    onWedged: () => process.exit(1),
  });
  shutdown.add('canary', () => canary.stop(), 3_000);
  const reconciler = startReconciler({ ctx, registry, intervalMs: env.RECONCILE_INTERVAL });
  shutdown.add('reconciler', () => reconciler.stop(), 5_000);
  const polling = startPolling(ctx);
  shutdown.add('polling', () => polling.stop(), 5_000);
  const upkeep = startUpkeep(ctx);
  shutdown.add('upkeep', () => upkeep.stop(), 5_000);

  const signals = createSignals({ url: env.DATABASE_URL, log });
  shutdown.add('signals', () => signals.close(), 5_000);
  // Connections of its own: a storm of deliveries takes none from the videos.
  const deliveries = createDatabase(env.DATABASE_URL, {
    applicationName: 'reelgate-deliveries',
    max: DELIVERY_CONNECTIONS,
    onError: (error) => log.warn('database.connection_lost', { error }),
  });
  shutdown.add('database of deliveries', deliveries.close, 5_000);
  const deliverer = startDeliverer({
    ctx: { ...ctx, db: deliveries.db },
    signals,
    slots: env.WEBHOOK_CONCURRENCY,
    pace: {
      perEndpoint: env.WEBHOOK_PER_ENDPOINT,
      ratePerSecond: env.WEBHOOK_RATE,
      burst: env.WEBHOOK_BURST,
    },
    intervalMs: DELIVERY_INTERVAL_MS,
  });
  // An attempt may take its whole deadline.
  shutdown.add('deliverer', () => deliverer.stop(), env.SHUTDOWN_TIMEOUT);

  const health = createHealth({
    log,
    checks: {
      database: async () => void (await db.$client.query('select 1')),
      objects: () => storeCheck.passed(),
    },
  });
  const server = await startHealthServer({ health, host: env.HOST, port: env.HEALTH_PORT });
  shutdown.add('health', () => server.close(), 1_000);
  shutdown.add('readiness', () => health.drain(), 1_000);

  gaugeVideos(metrics, ctx);
  if (env.METRICS_PORT !== undefined) {
    const scraped = await startMetricsServer({ metrics, host: env.METRICS_HOST, port: env.METRICS_PORT });
    shutdown.add('metrics', () => scraped.close(), 1_000);
    log.info('metrics.ready', { port: scraped.port });
  }

  announceReady({ port: server.port });
  log.info('worker.ready', { port: server.port });
}

main().catch((error: unknown) => {
  const expected = error instanceof EnvironmentError || error instanceof ConfigurationError;
  console.error(expected ? error.message : error);
  process.exit(expected ? error.exitCode : 1);
});
