import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { type NoteServer, withClaim } from '../claim.ts';
import { run } from '../command.ts';
import { type ExtractedPackages, extractDebianPackages } from '../debian-packages.ts';
import { makeDirectory } from '../make-directory.ts';
import { freePort, withPort } from '../ports.ts';
import { type ServerProgram, type SupervisedProcess, startSupervised } from '../supervisor.ts';
import { prepareCluster } from './cluster.ts';
import { type ClusterPaths, pathsIn } from './configuration.ts';

export interface S3Options {
  /** Keeps the objects, the keys and the configuration; made when missing. */
  directory: string;
  /** Of the S3 endpoint; a free one when absent. */
  port?: number;
  /** Gets a line for every step that takes noticeable time. */
  log?: (line: string) => void;
}

export interface S3Server extends SupervisedProcess {
  /** Path-style addressing only. */
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Of the gateway, which speaks S3; `pids` are all of the processes. */
  pid: number;
  pids: number[];
}

interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

const stopSignal = 'SIGTERM';

/**
 * Starts a real S3 server on the directory and resolves once it answers: the object gateway of Ceph with one monitor and one
 * storage daemon, from the Debian archive, about 70 MB on the first use. It listens on 127.0.0.1 only and verifies signatures. Up to
 * 16 GiB of objects are kept over restarts, killed ones too. It has no buckets until the caller makes some, and ends with this
 * process, even a killed one.
 */
export async function startS3(options: S3Options): Promise<S3Server> {
  const { log = () => {} } = options;
  const directory = resolve(options.directory);
  // It holds the keys of the cluster.
  await makeDirectory(directory, 0o700);
  const packages = await extractDebianPackages('ceph', ['radosgw', 'ceph-mon', 'ceph-osd'], log);
  const claim = { file: join(directory, 's3.claim'), name: 'S3', stopSignal } as const;

  return withClaim(claim, (noteServer) =>
    withPort('S3', options.port, async (gatewayPort) => {
      const monitorPort = await freePort();
      const paths = pathsIn(directory);
      await prepareCluster({ paths, packages, monitorPort, gatewayPort }, log);
      const { credentials, processes } = await startCluster({
        paths,
        packages,
        monitorPort,
        gatewayPort,
        noteServer,
      });
      return {
        ...together(processes),
        endpoint: `http://127.0.0.1:${gatewayPort}`,
        region: 'us-east-1',
        ...credentials,
      };
    }),
  );
}

interface ClusterStart {
  paths: ClusterPaths;
  packages: ExtractedPackages;
  monitorPort: number;
  gatewayPort: number;
  noteServer: NoteServer;
}

async function startCluster({ paths, packages, monitorPort, gatewayPort, noteServer }: ClusterStart) {
  const processes: SupervisedProcess[] = [];
  const start = async (
    name: string,
    program: string,
    args: string[],
    stopGraceSeconds: number,
    ready: ServerProgram['ready'],
  ) => {
    const started = await startSupervised({
      name: `S3 (${name})`,
      command: join(packages.root, 'usr/bin', program),
      args: ['-f', '-c', paths.configuration, ...args],
      env: packages.env,
      directory: paths.directory,
      stopSignal,
      stopGraceSeconds,
      ready,
      readyTimeoutMs: 90_000,
      noteServer,
    });
    processes.push(started);
  };
  try {
    await start('monitor', 'ceph-mon', ['-i', 'a'], 10, () => accepts(monitorPort));
    // Its log is the only sign of it; a client that comes too early waits 5 s before it looks again.
    const storage = ['-i', '0', '--log-to-stderr', 'true', '--debug-rocksdb', '0'];
    await start('storage', 'ceph-osd', storage, 10, /state: booting -> active/);
    const credentials = await credentialsOf(paths, packages);
    // The gateway keeps nothing, and takes 5 s to end by itself.
    const gateway = ['-n', 'client.admin', '--keyring', paths.keyring];
    await start('gateway', 'radosgw', gateway, 1, () => answers(`http://127.0.0.1:${gatewayPort}/`));
    return { credentials, processes };
  } catch (error) {
    await stopAll(processes);
    throw error;
  }
}

/** The keys of the one user. The gateway makes them up, so that they never stand on a command line. */
async function credentialsOf(paths: ClusterPaths, packages: ExtractedPackages): Promise<Credentials> {
  const file = join(paths.directory, 'credentials.json');
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept) as Credentials;
  const admin = (args: string[]) =>
    run(
      join(packages.root, 'usr/bin/radosgw-admin'),
      ['-c', paths.configuration, 'user', ...args, '--uid=reelgate'],
      {
        cwd: paths.directory,
        env: packages.env,
      },
    );
  // The user exists when an earlier start was killed before it could note the keys.
  const printed = await admin(['create', '--display-name=Reelgate']).catch(() => admin(['info']));
  const user = JSON.parse(printed) as { keys: { access_key: string; secret_key: string }[] };
  const key = user.keys[0];
  if (!key) throw new Error('The S3 user has no keys');
  const credentials = { accessKeyId: key.access_key, secretAccessKey: key.secret_key };
  await writeFile(file, JSON.stringify(credentials), { mode: 0o600 });
  return credentials;
}

/** The processes of the cluster as one: when one ends, so do the others. */
function together(processes: SupervisedProcess[]): SupervisedProcess & { pids: number[] } {
  const stop = () => stopAll(processes);
  const exited = Promise.race(processes.map((each) => each.exited)).then(async (how) => {
    await stop();
    return how;
  });
  const pids = processes.map(({ pid }) => pid);
  return { pid: pids.at(-1) as number, pids, exited, stop };
}

/** The last started first: the gateway would wait for its storage. */
async function stopAll(processes: SupervisedProcess[]): Promise<void> {
  for (const each of processes.toReversed()) await each.stop();
}

function accepts(port: number): Promise<boolean> {
  const { promise, resolve: answer } = Promise.withResolvers<boolean>();
  const socket = connect({ host: '127.0.0.1', port });
  socket.once('connect', () => answer(true)).once('error', () => answer(false));
  return promise.finally(() => socket.destroy());
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { headers: { connection: 'close' } });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}
