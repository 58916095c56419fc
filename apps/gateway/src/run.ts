import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createJobQueue } from '@reelgate/adapters/bullmq';
import { createFailpoints } from '@reelgate/adapters/failpoints';
import { createObjectStore } from '@reelgate/adapters/object-store';
import { createRedisCounter } from '@reelgate/adapters/redis-counter';
import { createTokenVerifier } from '@reelgate/adapters/sso';
import { createUpstreamDirectory } from '@reelgate/adapters/upstreams';
import { createWebhookTransport } from '@reelgate/adapters/webhook-http';
import { openApiDocument } from '@reelgate/contract';
import {
  applyModels,
  createGuessLimiter,
  createKeyAuthenticator,
  createModelCatalogue,
  createRequestLimiter,
  createSecretBox,
  DEFAULT_TIMING,
  type ServiceContext,
  tellOfBreakers,
} from '@reelgate/core';
import { createDatabase, createSignals, type Database, migrateDatabase, onBehalfOf } from '@reelgate/db';
import { createIdentity, hashPassword, newPassword, sameOrigin } from '@reelgate/identity';
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
import gateway from '../package.json' with { type: 'json' };
import { createApp } from './app.ts';
import { clientAddress } from './client-address.ts';
import { createDiskReserve } from './disk-reserve.ts';
import { environmentSchema, oidcSettings } from './env.ts';
import { createEventStreams } from './event-streams.ts';
import { createInFlight } from './in-flight.ts';
import { timeRequests } from './observe.ts';
import { rememberedCheck } from './remembered-check.ts';
import { createFieldsReader } from './request-fields.ts';
import { createGatewayServer } from './server.ts';
import { createSpool } from './spool.ts';
import { createStaticSite } from './static-site.ts';
import { trackSubmissions } from './track-submissions.ts';

/** Where `npm run build` puts it, here and in the image. */
const DASHBOARD_DIRECTORY = new URL('../../dashboard/dist/site', import.meta.url).pathname;
const HEALTH_REMEMBERED_MS = 1_000;
/** A create that begins as the listener closes waits this much longer than its upstream is waited for. */
const REQUEST_GRACE_MS = 10_000;
/** An upstream's answer to a create, which nobody can ask for again. */
const SUBMISSION_GRACE_MS = 60_000;

async function main(): Promise<void> {
  const env = parseEnvironment('The gateway', environmentSchema);
  const configuration = await loadConfiguration(env.REELGATE_CONFIG, process.env);
  const metrics = createMetrics('gateway');
  const log = countEvents(
    createLogger({ service: 'gateway', level: env.LOG_LEVEL }),
    metrics,
    timeRequests(metrics),
  );
  const shutdown = createShutdown({ log });

  await migrateDatabase(env.DATABASE_URL);
  const { db, close: closeDatabase } = createDatabase(env.DATABASE_URL, {
    applicationName: 'reelgate-gateway',
    max: env.DATABASE_CONNECTIONS,
    onError: (error) => log.warn('database.connection_lost', { error }),
  });
  shutdown.add('database', closeDatabase, 5_000);
  await applyModels({ db }, configuration);

  const signals = createSignals({ url: env.DATABASE_URL, log });
  shutdown.add('signals', () => signals.close(), 6_000);
  const counter = env.REDIS_URL === undefined ? null : createRedisCounter({ url: env.REDIS_URL, log });
  if (counter) shutdown.add('request counter', () => counter.close(), 1_000);
  const guesses = createGuessLimiter(env.WRONG_KEYS_PER_MINUTE, { shared: counter });
  const keys = createKeyAuthenticator({
    db,
    pepper: env.REELGATE_KEY_PEPPER,
    signals,
    guesses,
    tokens: configuration.sso && createTokenVerifier(configuration.sso),
    log,
  });
  shutdown.add('keys', () => keys.close(), 5_000);

  const own = ownServers(env);
  const webhooks = createWebhookTransport({
    allowedCidrs: env.WEBHOOK_ALLOWED_CIDRS,
    ownServers: [...own.servers, ...own.stores],
    proxy: env.EGRESS_PROXY,
    log,
  });
  const publicUrl = env.PUBLIC_URL ?? `http://localhost:${env.PORT}`;
  const { store, verifyPresigned } = createObjectStore(
    objectStoreSettings(env, publicUrl),
    fallbackStoreSettings(env, publicUrl),
  );
  shutdown.add('object store', () => store.close(), 5_000);
  const jobs = createJobQueue({ databaseUrl: env.DATABASE_URL, redisUrl: env.REDIS_URL, log });
  shutdown.add('job queue', () => jobs.close(), 5_000);
  const upstreams = createUpstreamDirectory(configuration.upstreams, measureUpstreamCalls(metrics), {
    allowedCidrs: env.UPSTREAM_OUTPUT_ALLOWED_CIDRS,
    ownServers: own.servers,
    proxy: env.EGRESS_PROXY,
  });
  shutdown.add('upstreams', () => upstreams.close(), 5_000);
  const owner = `gateway-${crypto.randomUUID()}`;
  const breakers = tellOfBreakers({ db, log, owner }, upstreams.breakers);
  shutdown.add('breakers', () => breakers.stop(), 5_000);
  const background = createInFlight();
  shutdown.add(
    'background work',
    async () => {
      await background.settled();
      await atRest(db);
    },
    SUBMISSION_GRACE_MS,
  );
  const spool = await createSpool(env.SPOOL_DIRECTORY ?? null);
  shutdown.add('spool', () => spool.close(), 5_000);
  const diskReserve = createDiskReserve({
    directories:
      env.OBJECTS_DIRECTORY === undefined ? [spool.directory] : [spool.directory, env.OBJECTS_DIRECTORY],
    reserveBytes: env.DISK_RESERVE,
    log,
  });

  const service: ServiceContext = {
    db,
    models: createModelCatalogue({ db }),
    log,
    timing: {
      ...DEFAULT_TIMING,
      leaseMs: env.LEASE,
      stuckMs: env.STUCK_AFTER,
      inlineSubmitMs: env.INLINE_SUBMIT_WAIT,
    },
    owner,
    failpoint:
      env.FAILPOINTS_DIRECTORY === undefined ? undefined : createFailpoints(env.FAILPOINTS_DIRECTORY),
    ports: {
      upstreams: trackSubmissions(upstreams.find, background),
      objects: store,
      jobs: jobs.queue,
      webhooks,
    },
  };
  const health = createHealth({
    log,
    checks: {
      database: rememberedCheck(async () => void (await db.$client.query('select 1')), HEALTH_REMEMBERED_MS),
      objects: rememberedCheck(async () => void (await store.head('health-check')), HEALTH_REMEMBERED_MS),
    },
  });
  let draining = false;
  const app = createApp({
    service,
    keys,
    onBehalfOf,
    limiter: createRequestLimiter({ shared: counter, replicas: env.GATEWAY_REPLICAS, log }),
    places: env.CONCURRENT_REQUESTS,
    addressOf: clientAddress(env.TRUSTED_PROXIES),
    health,
    log,
    withFields: createFieldsReader(spool, diskReserve, {
      bodyTimeoutMs: env.BODY_TIMEOUT,
      uploadTimeoutMs: env.UPLOAD_TIMEOUT,
      imageMaxBytes: env.IMAGE_MAX_BYTES,
      videoMaxBytes: env.VIDEO_MAX_BYTES,
    }),
    hooked: configuration.upstreams.flatMap(({ name, webhookToken, webhookSecret }) =>
      webhookToken === undefined ? [] : [{ accountId: name, token: webhookToken, secret: webhookSecret }],
    ),
    fileStorageMaxBytes: env.FILE_STORAGE_MAX_BYTES,
    contentRedirect: env.CONTENT_REDIRECT,
    background,
    webhooks: {
      db,
      secretBox: createSecretBox(env.REELGATE_SECRET_KEY),
      webhooks,
    },
    streams: createEventStreams({ signals, draining: () => draining, log }),
    verifyPresigned,
    admin: {
      keyPepper: env.REELGATE_KEY_PEPPER,
      passwords: { make: newPassword, hash: hashPassword },
      version: gateway.version,
      serverUrl: env.PUBLIC_URL?.replace(/\/+$/, '') ?? '',
    },
    document: openApiDocument({
      version: gateway.version,
      serverUrl: env.PUBLIC_URL?.replace(/\/+$/, '') ?? '',
    }),
    identity: createIdentity({
      db,
      publicUrl,
      secretKey: env.REELGATE_SECRET_KEY,
      oidc: oidcSettings(env),
      onWarning: (reason) => log.warn('sign_in.warning', { reason }),
    }),
    isSameOrigin: sameOrigin(publicUrl),
    site: createStaticSite(env.DASHBOARD_DIRECTORY ?? DASHBOARD_DIRECTORY),
    draining: () => draining,
  });
  const limits = { keepAliveTimeoutMs: env.KEEP_ALIVE_TIMEOUT, idleTimeoutMs: env.IDLE_TIMEOUT };
  const server = createGatewayServer(app, limits, log);
  await Promise.race([
    once(server.listen(env.PORT, env.HOST), 'listening'),
    once(server, 'error').then(([error]) => Promise.reject(error)),
  ]);
  const graceMs = env.INLINE_SUBMIT_WAIT + REQUEST_GRACE_MS;
  shutdown.add('requests', () => closeServer(server, graceMs), graceMs + 2_000);
  shutdown.add(
    'readiness',
    async () => {
      draining = true;
      health.drain();
      await wait(env.SHUTDOWN_DELAY);
    },
    env.SHUTDOWN_DELAY + 1_000,
  );

  const { port } = server.address() as AddressInfo;
  if (env.METRICS_PORT !== undefined) {
    const scraped = await startMetricsServer({ metrics, host: env.METRICS_HOST, port: env.METRICS_PORT });
    shutdown.add('metrics', () => scraped.close(), 1_000);
    log.info('metrics.ready', { port: scraped.port });
  }
  announceReady({ port, routes: app.routes.map(({ method, path }) => `${method} ${path}`) });
  log.info('gateway.ready', { port });
}

/**
 * Resolves when the last request is answered. Downloads that take longer than the grace are cut: their readers can go on
 * elsewhere with a range.
 */
async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A connection that was busy a moment ago would otherwise be kept for its next request.
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  const overdue = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(overdue);
}

/** Resolves when nobody has a connection of the pool or waits for one: then the last answers are recorded. */
async function atRest(db: Database): Promise<void> {
  const pool = db.$client;
  while (pool.waitingCount > 0 || pool.idleCount < pool.totalCount) await wait(10);
}

main().catch((error: unknown) => {
  const expected = error instanceof EnvironmentError || error instanceof ConfigurationError;
  console.error(expected ? error.message : error);
  process.exit(expected ? error.exitCode : 1);
});
