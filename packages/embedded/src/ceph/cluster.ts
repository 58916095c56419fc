import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.ts';
import type { ExtractedPackages } from '../debian-packages.ts';
import { type ClusterPaths, cephConfiguration, monitorAddress } from './configuration.ts';

export interface ClusterOptions {
  paths: ClusterPaths;
  packages: ExtractedPackages;
  monitorPort: number;
  gatewayPort: number;
}

/**
 * Brings the files of a cluster of one monitor and one storage daemon into the state in which its servers can be started: made on the
 * first start, and told their present ports on every one.
 */
export async function prepareCluster(options: ClusterOptions, log: (line: string) => void): Promise<void> {
  const { paths, packages } = options;
  const { directory } = paths;
  const made = join(directory, 'made');
  const isMade = await stat(made).catch(() => undefined);
  if (!isMade) {
    log('Creating an S3 store');
    // What an interrupted attempt left behind holds no objects yet.
    for (const part of ['mon', 'osd', 'rgw', 'fsid', 'keyring']) {
      await rm(join(directory, part), { recursive: true, force: true });
    }
    for (const part of ['mon', 'osd', 'rgw', 'crash'])
      await mkdir(join(directory, part), { recursive: true });
    await writeFile(join(directory, 'fsid'), randomUUID());
  }
  const fsid = await readFile(join(directory, 'fsid'), 'utf8');
  await writeFile(paths.configuration, cephConfiguration({ ...options, fsid }));

  const ceph = (program: string, args: string[]) =>
    run(join(packages.root, 'usr/bin', program), ['-c', paths.configuration, ...args], {
      cwd: directory,
      env: packages.env,
    });
  const monitorMap = join(directory, 'monmap');
  const addressed = ['--addv', 'a', monitorAddress(options.monitorPort)];
  await ceph('monmaptool', ['--create', '--clobber', '--fsid', fsid, ...addressed, monitorMap]);
  if (isMade) {
    await ceph('ceph-mon', ['-i', 'a', '--inject-monmap', monitorMap]);
    return;
  }
  await makeKeyring(ceph, paths.keyring);
  await Promise.all([makeMonitor(ceph, paths, monitorMap), makeStorage(ceph)]);
  await writeFile(made, '');
}

type Ceph = (program: string, args: string[]) => Promise<string>;

async function makeKeyring(ceph: Ceph, keyring: string): Promise<void> {
  const everything = ['--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *', '--cap', 'mgr', 'allow *'];
  await ceph('ceph-authtool', ['--create-keyring', keyring, '--gen-key', '-n', 'mon.', ...everything]);
  await ceph('ceph-authtool', [keyring, '--gen-key', '-n', 'client.admin', ...everything]);
  const storage = ['--cap', 'mon', 'allow profile osd', '--cap', 'osd', 'allow *'];
  await ceph('ceph-authtool', [keyring, '--gen-key', '-n', 'osd.0', ...storage]);
}

async function makeMonitor(
  ceph: Ceph,
  { directory, keyring }: ClusterPaths,
  monitorMap: string,
): Promise<void> {
  // A map with room for our one storage daemon spares registering it with a running monitor.
  const storageMap = join(directory, 'osdmap');
  await ceph('osdmaptool', ['--createsimple', '1', '--clobber', storageMap]);
  const maps = ['--monmap', monitorMap, '--osdmap', storageMap];
  await ceph('ceph-mon', ['-i', 'a', '--mkfs', ...maps, '--keyring', keyring]);
}

async function makeStorage(ceph: Ceph): Promise<void> {
  // It would ask the monitor, which does not run yet, for settings.
  await ceph('ceph-osd', ['-i', '0', '--no-mon-config', '--mkfs', '--osd-uuid', randomUUID()]);
}
