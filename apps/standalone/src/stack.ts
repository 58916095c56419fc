import { rm } from 'node:fs/promises';
import { freePort } from '@reelgate/embedded';
import { type EmbeddedServer, type OwnServers, startBackingServers } from './backing-servers.ts';
import { createCommandLine } from './command-line.ts';
import type { Connection, S3Connection } from './connection.ts';
import { ensureDemo, readDemo } from './demo.ts';
import type { Home, Secrets } from './home.ts';
import { type Inbox, startInbox } from './inbox.ts';
import { writePrivateJson } from './private-file.ts';
import { createService, type Service } from './service.ts';
import type { Terminal } from './terminal.ts';
import { writeUpstreamConfiguration } from './upstream-configuration.ts';

export interface StackSettings {
  readonly home: Home;
  readonly secrets: Secrets;
  readonly host: string;
  readonly port: number;
  /** Redis and S3 as well. */
  readonly full: boolean;
  readonly own: OwnServers;
  readonly bucket: string;
  /** What every child inherits: where programs and temporary files are, and the like. */
  readonly inherited: Readonly<Record<string, string>>;
  readonly terminal: Terminal;
  /** A process of ours has been started. */
  readonly onChild: (pid: number) => Promise<void>;
  /** Something that cannot be mended by starting it again has ended. */
  readonly onFatal: (error: Error) => void;
}

/** The stack once it is ready. */
export interface RunningStack {
  readonly connection: Connection;
  readonly inbox: Inbox;
  readonly runCommand: ReturnType<typeof createCommandLine>;
  /** The admin has been made just now. */
  readonly isFirstRun: boolean;
}

export interface Stack {
  start(): Promise<RunningStack>;
  /** Stops what has been started, however far that got, in order; afterwards nothing starts any more. */
  stop(): Promise<void>;
}

/** From the edge inwards: what is stopped last is what the others need to end in order. */
const stopOrder = ['gateway', 'worker', 'simulator', 'inbox', 'S3', 'Redis', 'Postgres'] as const;
type PartName = (typeof stopOrder)[number];

/** Our own apps, whose logs are kept. */
export const services = ['gateway', 'worker', 'simulator'] as const;

/** The inbox, and receivers under development, are on this machine. */
const webhookAllowedCidrs = '127.0.0.0/8,::1/128';

const apps = {
  gateway: new URL('../../gateway/src/main.ts', import.meta.url).pathname,
  worker: new URL('../../worker/src/main.ts', import.meta.url).pathname,
  simulator: new URL('../../simulator/src/main.ts', import.meta.url).pathname,
  cli: new URL('../../cli/src/main.ts', import.meta.url).pathname,
};

export function createStack(settings: StackSettings): Stack {
  const { home, secrets, host, port, terminal } = settings;
  const stops = new Map<PartName, () => Promise<void>>();
  const pids = new Map<string, () => number | undefined>([['standalone', () => process.pid]]);
  let connection: Connection | undefined;
  let published: Promise<void> = Promise.resolve();
  let stopping = false;

  async function watch(name: PartName, server: EmbeddedServer): Promise<void> {
    if (stopping) return server.stop();
    stops.set(name, () => server.stop());
    pids.set(name.toLowerCase(), () => server.pid);
    void server.exited.then((how) => {
      if (stopping) return;
      settings.onFatal(new Error(`${how}. Its data is kept: \`npm start\` goes on where it was.`));
    });
  }

  async function service(name: (typeof services)[number], env: Record<string, string>): Promise<Service> {
    if (stopping) throw new Error(`The ${name} was not started: the stack is being stopped.`);
    const started: Service = createService({
      name,
      entry: apps[name],
      env: { ...settings.inherited, ...env },
      logFile: home.logOf(name),
      onStart: (pid) => {
        settings.onChild(pid).catch(settings.onFatal);
        if (connection) publish(connection).catch(settings.onFatal);
      },
      onDeath: (message) => terminal.error(message),
      onGiveUp: settings.onFatal,
    });
    stops.set(name, () => started.stop());
    pids.set(name, () => started.pid());
    await started.start();
    return started;
  }

  /** Tells where everything is, and once more when a process was replaced; one after the other, the newest last. */
  function publish(next: Omit<Connection, 'pids'>): Promise<Connection> {
    published = published.then(async () => {
      const alive: Record<string, number> = {};
      for (const [name, pidOf] of pids) {
        const pid = pidOf();
        if (pid !== undefined) alive[name] = pid;
      }
      connection = { ...next, pids: alive };
      if (!stopping) await writePrivateJson(home.connection, connection);
    });
    return published.then(() => connection as Connection);
  }

  async function start(): Promise<RunningStack> {
    const { databaseURL, redisURL, s3 } = await startBackingServers({ ...settings, onStarted: watch });
    const known = await readDemo(home.demo);
    const inbox = await startInbox(known && Number(new URL(known.webhook.url).port));
    stops.set('inbox', () => inbox.stop());
    if (known) inbox.useSecret(known.webhook.secret);

    const simulatorPort = await freePort();
    const simulatorOrigin = `http://127.0.0.1:${simulatorPort}`;
    const simulatorURL = `${simulatorOrigin}/v1`;
    await writeUpstreamConfiguration(home.configuration, simulatorURL);
    const publicURL = `http://${host}:${port}`;
    const objectsDirectory = s3 ? null : home.objects;
    const shared: Record<string, string> = {
      DATABASE_URL: databaseURL,
      ...(redisURL !== null && { REDIS_URL: redisURL }),
      ...(s3 && s3Environment(s3)),
      ...(objectsDirectory !== null && { OBJECTS_DIRECTORY: objectsDirectory }),
      PUBLIC_URL: publicURL,
      REELGATE_CONFIG: home.configuration,
      REELGATE_KEY_PEPPER: secrets.keyPepper,
      REELGATE_SECRET_KEY: secrets.secretKey,
      WEBHOOK_ALLOWED_CIDRS: webhookAllowedCidrs,
    };
    const runCommand = createCommandLine(apps.cli, { ...settings.inherited, ...shared });

    await service('simulator', { PORT: `${simulatorPort}`, SIMULATOR_DIRECTORY: home.simulator });
    terminal.part('Simulator', simulatorURL);
    await Promise.all([
      service('worker', { ...shared, HOST: host, HEALTH_PORT: '0', SHUTDOWN_TIMEOUT: '10s' }).then(() =>
        terminal.part('Worker', 'at work'),
      ),
      service('gateway', { ...shared, HOST: host, PORT: `${port}` }).then(() =>
        terminal.part('Gateway', publicURL),
      ),
    ]);

    const baseURL = `${publicURL}/v1`;
    const demo = await ensureDemo({ file: home.demo, known, baseURL, inbox, runCommand });
    inbox.useSecret(demo.webhook.secret);
    const ready = await publish({
      baseURL,
      apiKey: demo.apiKey,
      adminKey: demo.adminKey,
      publicURL,
      admin: demo.admin,
      simulatorURL,
      simulatorControlURL: `${simulatorOrigin}/control`,
      webhookSecret: demo.webhook.secret,
      webhookInboxURL: inbox.url,
      webhookAllowedCidrs,
      databaseURL,
      redisURL,
      s3,
      objectsDirectory,
    });
    return { connection: ready, inbox, runCommand, isFirstRun: known?.admin === undefined };
  }

  return {
    start,
    async stop() {
      stopping = true;
      await published;
      await rm(home.connection, { force: true });
      for (const name of stopOrder) {
        const stopPart = stops.get(name);
        if (!stopPart) continue;
        await stopPart();
        terminal.step(`${name} stopped`);
      }
    },
  };
}

function s3Environment(s3: S3Connection): Record<string, string> {
  return {
    S3_ENDPOINT: s3.endpoint,
    S3_BUCKET: s3.bucket,
    S3_REGION: s3.region,
    ...(s3.accessKeyId !== null && { S3_ACCESS_KEY_ID: s3.accessKeyId }),
    ...(s3.secretAccessKey !== null && { S3_SECRET_ACCESS_KEY: s3.secretAccessKey }),
  };
}
