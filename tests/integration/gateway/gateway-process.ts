import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AdminRole, createKey, createTeam, type QuotaSetting, setQuota } from '@reelgate/core';
import {
  createServerDatabase,
  createTestDatabase,
  startSimulator,
  type TestDatabase,
  type TestSimulator,
} from '@reelgate/testkit';
import { request } from 'undici';
import type { StoreOptions } from '../adapters/object-store-harness.ts';

export const PEPPER = 'a pepper for tests';
const SECRET_KEY = Buffer.alloc(32, 7).toString('base64');

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly bytes: Buffer;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test says what it expects of it
  readonly json: any;
}

export interface Gateway {
  readonly port: number;
  readonly origin: string;
  /** Everything it has logged, one object a line. */
  readonly lines: Record<string, unknown>[];
  readonly output: () => string;
  /** Every route that it serves, `GET /v1/videos` and so on, as its router has them. */
  readonly routes: readonly string[];
  readonly process: ChildProcess;
  /** Resolves to the exit code. */
  stop(): Promise<number | null>;
}

export interface Team {
  readonly teamId: string;
  readonly keyId: string;
  readonly secret: string;
}

export interface Stack {
  readonly database: TestDatabase;
  readonly simulator: TestSimulator;
  readonly gateway: Gateway;
  readonly objectsDirectory: string;
  /** Another gateway on the same database and objects. */
  startGateway(env?: Record<string, string>): Promise<Gateway>;
  /** Renders, archives and purges, as in production, deletions at once. Stopped by `close`. */
  startWorker(env?: Record<string, string>): Promise<Gateway>;
  /** A team with a key, and with a hard cost quota where one is given (micro-US-dollars a month). */
  addTeam(hardMicroUsd?: bigint): Promise<Team>;
  /** A key of the Admin API: of everything, or with a role for these teams. */
  addAdmin(role?: AdminRole, teamIds?: readonly string[]): Promise<{ id: string; secret: string }>;
  ask(team: Pick<Team, 'secret'> | null, method: string, path: string, options?: AskOptions): Promise<Answer>;
  create(team: Team, fields?: Record<string, unknown>): Promise<Answer>;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly origin?: string;
}

export interface StackOptions {
  readonly env?: Record<string, string>;
  readonly databaseUrl?: (url: string) => string | Promise<string>;
  /** In place of the Postgres of all tests, one that `startTestPostgres` has started. */
  readonly databaseServerUrl?: string;
  /** In place of files. */
  readonly s3?: StoreOptions['s3'];
  /** The rest of the configuration file. */
  readonly configuration?: string;
  /** Another upstream, for test keys; the URL with `/v1`. */
  readonly testUpstreamUrl?: string;
  /** In place of the simulator; the URL with `/v1`. */
  readonly upstream?: { readonly url: string; readonly apiKey: string };
}

/** Of the upstream's own webhooks. */
export const HOOK = {
  token: 'hook-token-of-this-test',
  secret: `whsec_${Buffer.alloc(24, 5).toString('base64')}`,
};

/** The gateway as the process it is, over real Postgres, real files and the simulator. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const database = options.databaseServerUrl
    ? await createServerDatabase(options.databaseServerUrl)
    : await createTestDatabase();
  const simulator = await startSimulator();
  const directory = await mkdtemp(join(tmpdir(), 'reelgate-gateway-'));
  const objectsDirectory = join(directory, 'store');
  const configuration = join(directory, 'reelgate.yaml');
  await writeFile(
    configuration,
    configurationFor(
      options.upstream?.url ?? simulator.baseUrl,
      options.upstream !== undefined,
      options.testUpstreamUrl,
    ) + (options.configuration ?? ''),
  );
  const shared = {
    DATABASE_URL: (await options.databaseUrl?.(database.url)) ?? database.url,
    ...(options.s3 ? s3Environment(options.s3) : { OBJECTS_DIRECTORY: objectsDirectory }),
    PUBLIC_URL: 'http://localhost:8080',
    REELGATE_CONFIG: configuration,
    REELGATE_KEY_PEPPER: PEPPER,
    REELGATE_SECRET_KEY: SECRET_KEY,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
    ...(options.upstream && { TEST_UPSTREAM_KEY: options.upstream.apiKey }),
    TEST_HOOK_TOKEN: HOOK.token,
    TEST_HOOK_SECRET: HOOK.secret,
    ...options.env,
  };
  const startGateway = (env: Record<string, string> = {}) => startServer('gateway', { ...shared, ...env });
  const started: Gateway[] = [];
  const gateway = await startGateway();
  started.push(gateway);

  const ask: Stack['ask'] = async (team, method, path, { headers = {}, body, json, origin } = {}) => {
    const sent = json === undefined ? body : JSON.stringify(json);
    const answer = await request(`${origin ?? gateway.origin}${path}`, {
      method: method as 'GET',
      headers: {
        ...(team && { authorization: `Bearer ${team.secret}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    const text = bytes.toString();
    const isJson = String(answer.headers['content-type']).startsWith('application/json');
    return {
      status: answer.statusCode,
      headers: answer.headers,
      bytes,
      text,
      json: isJson && text !== '' ? JSON.parse(text) : undefined,
    };
  };

  return {
    database,
    simulator,
    gateway,
    objectsDirectory,
    ask,
    async startGateway(env) {
      const another = await startGateway(env);
      started.push(another);
      return another;
    },
    async startWorker(env = {}) {
      const worker = await startServer('worker', {
        ...shared,
        HEALTH_PORT: '0',
        RECONCILE_INTERVAL: '200ms',
        DELETE_UNDO_WINDOW: '0',
        ...env,
      });
      started.push(worker);
      return worker;
    },
    async addTeam(hardMicroUsd) {
      const team = await createTeam(database, { name: `team-${randomBytes(6).toString('hex')}` });
      if (hardMicroUsd !== undefined) await setQuota(database, costQuota(team.id, hardMicroUsd));
      const key = await createKey({ db: database.db, pepper: PEPPER }, { teamId: team.id, name: 'test' });
      return { teamId: team.id, keyId: key.id, secret: key.secret };
    },
    async addAdmin(role = 'admin', teamIds = []) {
      return await createKey(
        { db: database.db, pepper: PEPPER },
        { teamId: null, name: `test ${role}`, role, roleTeamIds: teamIds },
      );
    },
    create: (team, fields = {}) => ask(team, 'POST', '/v1/videos', { json: { prompt: 'a kite', ...fields } }),
    async close() {
      await Promise.all(started.map((server) => server.stop()));
      await simulator.close();
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function costQuota(teamId: string, hard: bigint): QuotaSetting {
  return { scopeKind: 'team', scopeId: teamId, metric: 'cost', window: 'month', hard };
}

function s3Environment(s3: NonNullable<StoreOptions['s3']>): Record<string, string> {
  const { bucket, region, endpoint, accessKeyId, secretAccessKey } = s3;
  return {
    S3_BUCKET: bucket,
    S3_REGION: region,
    S3_ENDPOINT: endpoint ?? '',
    S3_ACCESS_KEY_ID: accessKeyId ?? '',
    S3_SECRET_ACCESS_KEY: secretAccessKey ?? '',
  };
}

function configurationFor(upstreamUrl: string, hasKey: boolean, testUpstreamUrl: string | undefined): string {
  return `
upstreams:
  - name: simulator
    kind: openai
    baseUrl: ${upstreamUrl}${hasKey ? '\n    apiKeyEnv: TEST_UPSTREAM_KEY' : ''}
    pollIntervalMs: 20
    webhookTokenEnv: TEST_HOOK_TOKEN
    webhookSecretEnv: TEST_HOOK_SECRET${testUpstreamUrl === undefined ? '' : testUpstream(testUpstreamUrl)}
models:
  - name: sora-2
    upstream: simulator
    seconds: [4, 8, 12]
    sizes: [720x1280, 1280x720]
    pricePerSecond: { 720x1280: '0.10', 1280x720: '0.10' }
`;
}

function testUpstream(url: string): string {
  return `
  - name: rehearsal
    kind: openai
    baseUrl: ${url}
    pollIntervalMs: 20
    test: true`;
}

async function startServer(app: 'gateway' | 'worker', env: Record<string, string>): Promise<Gateway> {
  const main = fileURLToPath(new URL(`../../../apps/${app}/src/main.ts`, import.meta.url));
  const compiled = process.env.NODE_COMPILE_CACHE;
  const child = fork(main, {
    env: { ...env, ...(compiled !== undefined && { NODE_COMPILE_CACHE: compiled }) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  const lines: Record<string, unknown>[] = [];
  let output = '';
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.map((line) => JSON.parse(line) as Record<string, unknown>));
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exited = once(child, 'exit');
  const [ready] = (await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => Promise.reject(new Error(`the ${app} ended with ${code}: ${output}`))),
  ])) as [{ port: number; routes?: string[] }];
  return {
    port: ready.port,
    routes: ready.routes ?? [],
    origin: `http://127.0.0.1:${ready.port}`,
    lines,
    output: () => output,
    process: child,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const [code] = (await exited) as [number | null];
      return code;
    },
  };
}

export interface RawAnswer {
  readonly text: string;
  readonly status: number;
  /** The server ended the connection by itself. */
  readonly closed: boolean;
}

/** Sends bytes as they are and collects the answer until the server closes, or until `until` is satisfied with it. */
export async function askRaw(
  port: number,
  data: string | Buffer,
  until: (text: string) => boolean = () => false,
): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  const closed = await new Promise<boolean>((resolve, reject) => {
    socket.setTimeout(20_000, () => reject(new Error(`no end of the answer: ${text}`)));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (until(text)) resolve(false);
    });
    socket.on('close', () => resolve(true));
    // A server that closes while we still send.
    socket.on('error', () => {});
    socket.write(data);
  });
  socket.destroy();
  return { text, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), closed };
}
