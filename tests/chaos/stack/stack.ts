/** Everything that runs in production, as processes of their own, and something bad on every line between them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createKey, createSecretBox, createTeam, createWebhookEndpoint, setQuota } from '@reelgate/core';
import { createDatabase, migrateDatabase } from '@reelgate/db';
import { embeddedAvailability, startRedis } from '@reelgate/embedded';
import { type FaultyLink, startFaultyLink, startSimulator, type TestSimulator } from '@reelgate/testkit';
import { type LoadBalancer, startLoadBalancer } from './load-balancer.ts';
import { type Member, startMember } from './member.ts';
import { startKillablePostgres } from './postgres.ts';
import { type ChaosStore, startFiles, startS3Store } from './stores.ts';
import { startWebhookSink, type WebhookSink } from './webhook-sink.ts';

export interface Team {
  readonly name: string;
  readonly teamId: string;
  readonly apiKey: string;
}

export interface ChaosStack {
  readonly databaseUrl: string;
  readonly simulator: TestSimulator;
  readonly sink: WebhookSink;
  readonly balancer: LoadBalancer;
  readonly gateways: readonly Member[];
  readonly workers: readonly Member[];
  readonly links: Readonly<Record<LinkName, FaultyLink>>;
  readonly store: ChaosStore;
  readonly teams: readonly Team[];
  readonly queue: 'redis' | 'postgres';
  /** With `/v1`: through the link of callers and the load balancer. */
  readonly baseUrl: string;
  /** Empties Redis, where the queue is. */
  flushQueue(): Promise<void>;
  /** As a crash of its machine: not a word to anybody. Resolves when it is back, after so long. */
  killPostgres(downMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** `gateway database`: what the gateways have to Postgres; and so on. */
export type LinkName =
  | 'gateway database'
  | 'worker database'
  | 'queue'
  | 'upstream'
  | 'receivers'
  | 'callers';

export interface StackOptions {
  /** For data and logs; to be removed by whoever made it. */
  readonly directory: string;
  readonly gateways?: number;
  readonly workers?: number;
  readonly store?: 'files' | 's3';
  readonly queue?: 'redis' | 'postgres';
  readonly teams?: number;
  /** A hard limit on the cost of the last team, in micro-US-dollars a month; the others have room enough. */
  readonly lastTeamMicroUsd?: bigint;
  readonly renderMs?: number;
  readonly pollIntervalMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** For one of several, by its name (`worker 2`). */
  readonly envOf?: (name: string) => Readonly<Record<string, string>>;
}

const PEPPER = 'a pepper for chaos';
const SECRET_KEY = Buffer.alloc(32, 9);
const ROOM_MICRO_USD = 1_000_000_000_000n;

/** Short, so that every clock of the domain strikes many times in a run. */
const TIMING = {
  LEASE: '2s',
  STUCK_AFTER: '95s',
  RECONCILE_INTERVAL: '1s',
  SEARCH_TIME: '20s',
  SEARCH_HORIZON: '20s',
  INLINE_SUBMIT_WAIT: '3s',
  SHUTDOWN_DELAY: '500ms',
  DELETE_UNDO_WINDOW: '0s',
};

export async function startChaosStack(options: StackOptions): Promise<ChaosStack> {
  const { directory } = options;
  await mkdir(join(directory, 'logs'), { recursive: true });
  const undo: (() => Promise<unknown>)[] = [];
  const started = <T>(thing: T, stop: (thing: T) => Promise<unknown>): T => {
    undo.unshift(() => stop(thing));
    return thing;
  };
  const stop = async () => {
    for (const step of undo.splice(0)) await step();
  };
  try {
    const postgres = started(await startKillablePostgres(join(directory, 'postgres')), (server) =>
      server.stop(),
    );
    await migrateDatabase(postgres.url);
    const wantsRedis = options.queue !== 'postgres' && (await embeddedAvailability()).redis === true;
    const redis = wantsRedis
      ? started(await startRedis({ directory: join(directory, 'redis') }), (server) => server.stop())
      : null;
    const store = started(
      options.store === 's3' ? await startS3Store(directory) : await startFiles(directory),
      (running) => running.stop(),
    );
    const simulator = started(
      await startSimulator({
        SIMULATOR_RENDER_MS: String(options.renderMs ?? 3_000),
        SIMULATOR_SAME_STILLS: 'true',
      }),
      (running) => running.close(),
    );
    const sink = started(await startWebhookSink(), (running) => running.close());
    const link = async (port: number) =>
      started(await startFaultyLink({ port }), (running) => running.close());
    const portOf = (url: string) => Number(new URL(url).port);
    const through = (url: string, { port }: FaultyLink) => {
      const changed = new URL(url);
      changed.hostname = '127.0.0.1';
      changed.port = String(port);
      return changed.href;
    };
    const gatewayDatabase = await link(postgres.port);
    const workerDatabase = await link(postgres.port);
    const queue = await link(redis?.port ?? postgres.port);
    const upstream = await link(portOf(simulator.baseUrl));
    const receivers = await link(sink.port);

    const configuration = join(directory, 'reelgate.yaml');
    await writeFile(
      configuration,
      configurationFor(through(simulator.baseUrl, upstream), options.pollIntervalMs ?? 1_000),
    );
    const shared = {
      ...TIMING,
      ...store.env,
      ...(redis ? { REDIS_URL: through(redis.url, queue) } : {}),
      DATABASE_CONNECTIONS: '10',
      PUBLIC_URL: 'http://localhost:8080',
      REELGATE_CONFIG: configuration,
      REELGATE_KEY_PEPPER: PEPPER,
      REELGATE_SECRET_KEY: SECRET_KEY.toString('base64'),
      WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8',
      HOST: '127.0.0.1',
      PORT: '0',
      HEALTH_PORT: '0',
    };
    const members = (kind: Member['kind'], count: number, database: FaultyLink) =>
      Array.from({ length: count }, (_, index) => {
        const name = `${kind} ${index + 1}`;
        return started(
          startMember({
            kind,
            name,
            env: {
              PATH: process.env.PATH ?? '',
              // Dozens of starts: each need not compile everything again.
              NODE_COMPILE_CACHE: join(directory, 'compiled'),
              ...shared,
              DATABASE_URL: through(postgres.url, database),
              ...options.env,
              ...options.envOf?.(name),
            },
            logFile: join(directory, 'logs', `${name.replace(' ', '-')}.log`),
          }),
          (member) => member.stop(),
        );
      });
    const gateways = members('gateway', options.gateways ?? 2, gatewayDatabase);
    const workers = members('worker', options.workers ?? 2, workerDatabase);
    await Promise.all([...gateways, ...workers].map((member) => member.ready()));
    const balancer = started(await startLoadBalancer(gateways), (running) => running.close());
    const callers = await link(balancer.port);
    while (balancer.ready() < gateways.length) await new Promise((resolve) => setTimeout(resolve, 20));

    const teams = await makeTeams(postgres.url, receivers.port, sink, options);
    return {
      databaseUrl: postgres.url,
      simulator,
      sink,
      balancer,
      gateways,
      workers,
      links: {
        'gateway database': gatewayDatabase,
        'worker database': workerDatabase,
        queue,
        upstream,
        receivers,
        callers,
      },
      store,
      teams,
      queue: redis ? 'redis' : 'postgres',
      baseUrl: `http://127.0.0.1:${callers.port}/v1`,
      flushQueue: async () => {
        if (redis) await flushRedis(redis.url);
      },
      killPostgres: (downMs) => postgres.kill(downMs),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeTeams(
  databaseUrl: string,
  receiversPort: number,
  sink: WebhookSink,
  { teams: count = 3, lastTeamMicroUsd }: StackOptions,
): Promise<Team[]> {
  const database = createDatabase(databaseUrl, { applicationName: 'chaos' });
  const { db } = database;
  try {
    const teams: Team[] = [];
    for (let index = 0; index < count; index++) {
      const name = `team-${index + 1}`;
      const team = await createTeam({ db }, { name });
      const { secret: apiKey, id: keyId } = await createKey(
        { db, pepper: PEPPER },
        { teamId: team.id, name: 'chaos' },
      );
      const isLast = index === count - 1;
      const hard = (isLast ? lastTeamMicroUsd : undefined) ?? ROOM_MICRO_USD;
      const cost = { metric: 'cost', window: 'month' } as const;
      await setQuota({ db }, { scopeKind: 'team', scopeId: team.id, ...cost, hard });
      await setQuota({ db }, { scopeKind: 'key', scopeId: keyId, ...cost, hard: ROOM_MICRO_USD });
      await setQuota(
        { db },
        { scopeKind: 'team', scopeId: team.id, metric: 'concurrent', window: 'none', hard: 10_000n },
      );
      const { secret } = await createWebhookEndpoint(
        { db, secretBox: createSecretBox(SECRET_KEY), webhooks: { refusal: async () => null } },
        { teamId: team.id, url: `http://127.0.0.1:${receiversPort}/${team.id}` },
      );
      sink.expect(team.id, secret);
      teams.push({ name, teamId: team.id, apiKey });
    }
    await setQuota(
      { db },
      { scopeKind: 'org', scopeId: 'org', metric: 'cost', window: 'month', hard: ROOM_MICRO_USD },
    );
    return teams;
  } finally {
    await database.close();
  }
}

function configurationFor(upstreamUrl: string, pollIntervalMs: number): string {
  return `
upstreams:
  - name: simulator
    kind: openai
    baseUrl: ${upstreamUrl}
    pollIntervalMs: ${pollIntervalMs}
models:
  - name: sora-2
    upstream: simulator
    seconds: [4, 8, 12]
    sizes: [720x1280, 1280x720]
    pricePerSecond: { 720x1280: '0.10', 1280x720: '0.10' }
`;
}

async function flushRedis(url: string): Promise<void> {
  const { hostname, port, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  await new Promise<void>((resolve, reject) => {
    let answers = '';
    socket.on('error', reject);
    socket.on('data', (data) => {
      answers += data;
      if (answers === '+OK\r\n+OK\r\n') resolve();
      else if (answers.includes('-')) reject(new Error(answers));
    });
    socket.write(`AUTH ${decodeURIComponent(password)}\r\nFLUSHALL\r\n`);
  });
  socket.destroy();
}
