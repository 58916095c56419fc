import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readPrivateJson, writePrivateJson } from './private-file.ts';

/** Where everything of one stack lies. */
export interface Home {
  readonly directory: string;
  readonly lock: string;
  readonly secrets: string;
  readonly connection: string;
  readonly demo: string;
  readonly configuration: string;
  readonly postgres: string;
  readonly redis: string;
  readonly s3: string;
  readonly objects: string;
  readonly simulator: string;
  logOf(name: string): string;
}

/** Generated once and kept: changing one makes what it protects unreadable. */
export interface Secrets {
  readonly keyPepper: string;
  /** 32 bytes in base64. */
  readonly secretKey: string;
}

export async function openHome(path: string): Promise<Home> {
  const directory = resolve(path);
  const at = (name: string) => join(directory, name);
  // Others may pass, not look: as root, Postgres runs as another user and has its folder in here.
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o711);
  await mkdir(at('logs'), { recursive: true, mode: 0o700 });
  return {
    directory,
    lock: at('lock'),
    secrets: at('secrets.json'),
    connection: at('connection.json'),
    demo: at('demo.json'),
    configuration: at('reelgate.yaml'),
    postgres: at('postgres'),
    redis: at('redis'),
    s3: at('s3'),
    objects: at('objects'),
    simulator: at('simulator'),
    logOf: (name) => join(directory, 'logs', `${name}.log`),
  };
}

/** For the holder of the lock: sets aside the logs of the last run, and what must not be taken for this one's. */
export async function tidyHome(home: Home, services: readonly string[]): Promise<void> {
  await rm(home.connection, { force: true });
  await rm(home.simulator, { recursive: true, force: true });
  for (const name of services) {
    await rename(home.logOf(name), home.logOf(`${name}.previous`)).catch(() => {});
  }
}

export async function ensureSecrets(home: Home, given: Partial<Secrets>): Promise<Secrets> {
  const kept = await readPrivateJson<Secrets>(home.secrets);
  const secrets = kept ?? {
    keyPepper: randomBytes(32).toString('base64'),
    secretKey: randomBytes(32).toString('base64'),
  };
  if (!kept) await writePrivateJson(home.secrets, secrets);
  return { ...secrets, ...given };
}
