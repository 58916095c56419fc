import { join } from 'node:path';
import { createWebhookTransport } from '@reelgate/adapters/webhook-http';
import { createModelCatalogue, createSecretBox, DEFAULT_TIMING, UNRESTRICTED } from '@reelgate/core';
import type { Log } from '@reelgate/core/ports';
import { createDatabase, migrateDatabase } from '@reelgate/db';
import {
  createLogger,
  fallbackStoreSettings,
  loadConfiguration,
  objectStoreSettings,
  ownServers,
  parseEnvironment,
} from '@reelgate/runtime';
import type { Archive, Deployment } from './deployment.ts';
import { type CliEnvironment, cliEnvironment, required } from './env.ts';
import { explainError } from './explain-error.ts';
import { createProgram } from './program.ts';
import { variablesOfRunningStack } from './running-stack.ts';

const checkout = new URL('../../..', import.meta.url).pathname;
let opened: ReturnType<typeof createDatabase> | undefined;
let closeUpstreams: (() => Promise<void>) | undefined;

try {
  const home = process.env.REELGATE_HOME || join(checkout, '.reelgate');
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const variables = { ...(await variablesOfRunningStack(home)), ...given };
  const env = parseEnvironment('reelgate', cliEnvironment, variables);
  const isJson = process.argv.includes('--json');
  const program = createProgram(deploymentOf(env), ({ human, machine }) =>
    console.log(isJson ? JSON.stringify(machine) : human),
  );
  await program.parseAsync();
} catch (error) {
  console.error(`reelgate: ${explainError(error)}`);
  process.exitCode = 1;
} finally {
  await closeUpstreams?.();
  await opened?.close();
}

function webhookTransport(env: CliEnvironment, log: Log) {
  const { servers, stores } = ownServers(env);
  return createWebhookTransport({
    allowedCidrs: env.WEBHOOK_ALLOWED_CIDRS,
    ownServers: [...servers, ...stores],
    proxy: env.EGRESS_PROXY,
    log,
  });
}

function deploymentOf(env: CliEnvironment): Deployment {
  const log = createLogger({ service: 'cli', level: 'silent' });
  const database = () => {
    opened ??= createDatabase(required(env, 'DATABASE_URL'), { applicationName: 'reelgate-cli', max: 1 });
    return opened.db;
  };
  return {
    migrate: () => migrateDatabase(required(env, 'DATABASE_URL')),
    database,
    keyPepper: () => required(env, 'REELGATE_KEY_PEPPER'),
    secretBox: () => createSecretBox(required(env, 'REELGATE_SECRET_KEY')),
    passwords: async () => {
      // As with the object store below.
      const { hashPassword, newPassword } = await import('@reelgate/identity');
      return { make: newPassword, hash: hashPassword };
    },
    webhooks: () => webhookTransport(env, log),

    async openUpstreams() {
      const { createUpstreamDirectory } = await import('@reelgate/adapters/upstreams');
      const { upstreams } = await loadConfiguration(required(env, 'REELGATE_CONFIG'), process.env);
      const directory = createUpstreamDirectory(upstreams);
      closeUpstreams = () => directory.close();
      return directory.find;
    },

    async openArchive(teamId): Promise<Archive> {
      // Loaded when needed: the S3 client takes longer to load than most commands to run.
      const { createObjectStore } = await import('@reelgate/adapters/object-store');
      const complete = { ...env, REELGATE_SECRET_KEY: required(env, 'REELGATE_SECRET_KEY') };
      const publicUrl = required(env, 'PUBLIC_URL');
      const settings = objectStoreSettings(complete, publicUrl);
      if (settings.kind === 'filesystem') required(env, 'OBJECTS_DIRECTORY');
      const { store } = createObjectStore(settings, fallbackStoreSettings(complete, publicUrl));
      return {
        context: {
          db: database(),
          ports: {
            objects: store,
            upstreams: () => undefined,
            jobs: { enqueue: () => Promise.reject(new Error('The command line enqueues nothing.')) },
            webhooks: webhookTransport(env, log),
          },
          models: createModelCatalogue({ db: database() }),
          timing: DEFAULT_TIMING,
          owner: 'cli',
          log,
          principal: { ...UNRESTRICTED, keyId: 'cli', teamId },
        },
        locationOf: (key) =>
          settings.kind === 's3'
            ? `s3://${settings.bucket}/${key}`
            : join(settings.directory, 'objects', key),
      };
    },
  };
}
