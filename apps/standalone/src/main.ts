import { readFile } from 'node:fs/promises';
import { embeddedAvailability } from '@reelgate/embedded';
import { parseEnvironment } from '@reelgate/runtime';
import type { S3Connection } from './connection.ts';
import { buildDashboard } from './dashboard-build.ts';
import { type StandaloneEnvironment, standaloneEnvironment } from './env.ts';
import { settleGatewayPort } from './gateway-port.ts';
import { ensureSecrets, openHome, tidyHome } from './home.ts';
import { acquireLock, type Lock } from './lock.ts';
import { help, parseOptions } from './options.ts';
import { hasVideos, sendSample } from './sample.ts';
import { createStack, type Stack, services } from './stack.ts';
import { createTerminal } from './terminal.ts';
import { showWelcome } from './welcome.ts';

const checkout = new URL('../../..', import.meta.url).pathname;
const host = '127.0.0.1';
/** npm passes Ctrl-C on to us, and the terminal has sent it already: signals this close are one. */
const echoMs = 250;

const terminal = createTerminal();
let stack: Stack | undefined;
let lock: Lock | undefined;
let stoppingSince: number | undefined;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stoppingSince === undefined) {
      terminal.line();
      terminal.line('Stopping (again to force)');
      void stop(0);
    } else if (performance.now() - stoppingSince > echoMs) {
      // What we started is tied to this process and ends by itself.
      terminal.error('Forced.');
      process.exit(130);
    }
  });
}

try {
  await run();
} catch (error) {
  await fail(error);
}

async function run(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    terminal.line(help);
    return;
  }
  const startedAt = performance.now();
  const env = parseEnvironment('Reelgate', standaloneEnvironment, process.env);
  const own = ownServers(env);
  await assertAvailable(own, options.full);
  const home = await openHome(env.REELGATE_HOME ?? `${checkout}.reelgate`);
  const wanted = options.port ?? env.PORT;
  terminal.line(`Reelgate ${await version()}`);
  // Whoever holds the lock may well hold the port, so the lock is asked first.
  const dashboard = buildDashboard(checkout, terminal);
  // Looked at below; until then its failure is nobody's.
  dashboard.catch(() => {});
  lock = await acquireLock(home.lock, `http://${host}:${wanted}`, terminal.step);
  const port = await settleGatewayPort(host, wanted);
  await lock.noteUrl(`http://${host}:${port}`);
  await tidyHome(home, services);
  const secrets = await ensureSecrets(home, {
    ...(env.REELGATE_KEY_PEPPER !== undefined && { keyPepper: env.REELGATE_KEY_PEPPER }),
    ...(env.REELGATE_SECRET_KEY !== undefined && { secretKey: env.REELGATE_SECRET_KEY }),
  });

  await dashboard;
  stack = createStack({
    ...{ home, secrets, host, port, own, terminal },
    full: options.full,
    bucket: env.S3_BUCKET,
    inherited: inheritedVariables(),
    onChild: lock.noteChild,
    onFatal: (error) => void fail(error),
  });
  const { connection, inbox, runCommand, isFirstRun } = await stack.start();
  terminal.line(`Ready in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
  showWelcome(terminal, connection, home.directory, isFirstRun);
  if (options.sample ?? !(await hasVideos(connection))) {
    await sendSample({ connection, inbox, runCommand, terminal });
  }
  terminal.line('Press Ctrl-C to stop.');
}

async function stop(exitCode: number): Promise<void> {
  stoppingSince = performance.now();
  try {
    await stack?.stop();
    await lock?.release();
  } catch (error) {
    terminal.error((error as Error).message);
    process.exit(1);
  }
  process.exit(exitCode);
}

/** Says what went wrong, stops what runs, and exits with 1. What goes wrong while stopping is only a consequence of that. */
async function fail(error: unknown): Promise<void> {
  if (stoppingSince !== undefined) return;
  terminal.error(`\n${(error as Error).message}`);
  await stop(1);
}

function ownServers(env: StandaloneEnvironment) {
  const s3: S3Connection | undefined =
    env.S3_ENDPOINT === undefined
      ? undefined
      : {
          endpoint: env.S3_ENDPOINT,
          bucket: env.S3_BUCKET,
          region: env.S3_REGION,
          accessKeyId: env.S3_ACCESS_KEY_ID ?? null,
          secretAccessKey: env.S3_SECRET_ACCESS_KEY ?? null,
        };
  return { databaseURL: env.DATABASE_URL, redisURL: env.REDIS_URL, s3 };
}

async function assertAvailable(own: ReturnType<typeof ownServers>, full: boolean): Promise<void> {
  const available = await embeddedAvailability();
  const needed = [
    own.databaseURL === undefined && available.postgres,
    full && own.redisURL === undefined && available.redis,
    full && own.s3 === undefined && available.s3,
  ];
  const missing = needed.filter((answer) => typeof answer === 'string');
  if (missing.length > 0) throw new Error(missing.join('\n'));
}

/** Children get only what any program needs; no secret of the caller's shell reaches them by accident. */
function inheritedVariables(): Record<string, string> {
  const names = [
    'PATH',
    'HOME',
    'TMPDIR',
    'LANG',
    'TZ',
    'LOG_LEVEL',
    'NODE_EXTRA_CA_CERTS',
    'NODE_COMPILE_CACHE',
  ];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

async function version(): Promise<string> {
  const text = await readFile(`${checkout}package.json`, 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
