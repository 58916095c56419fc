import { join } from 'node:path';
import type { ExtractedPackages } from '../debian-packages.ts';

export interface ClusterPaths {
  /** Everything the cluster writes lies below it. */
  directory: string;
  configuration: string;
  keyring: string;
}

export function pathsIn(directory: string): ClusterPaths {
  return { directory, configuration: join(directory, 'ceph.conf'), keyring: join(directory, 'keyring') };
}

export interface ClusterSettings {
  paths: ClusterPaths;
  packages: ExtractedPackages;
  /** The cluster's id, a UUID. */
  fsid: string;
  monitorPort: number;
  gatewayPort: number;
}

/** How clients and servers reach the monitor: version 2 of the protocol only, so that one port is enough. */
export function monitorAddress(port: number): string {
  return `[v2:127.0.0.1:${port}/0]`;
}

/** The text of ceph.conf. It is written anew at every start, because ports and the cache's place may differ. */
export function cephConfiguration({
  paths,
  packages,
  fsid,
  monitorPort,
  gatewayPort,
}: ClusterSettings): string {
  const { directory } = paths;
  const settings = {
    fsid,
    'mon host': monitorAddress(monitorPort),
    'mon initial members': 'a',
    'public addr': '127.0.0.1',
    'cluster addr': '127.0.0.1',
    'ms bind ipv6': 'false',
    // Without authentication the gateway hangs while it connects; and it keeps other local users out.
    'auth cluster required': 'cephx',
    'auth service required': 'cephx',
    'auth client required': 'cephx',
    'auth allow insecure global id reclaim': 'false',
    keyring: paths.keyring,

    'run dir': directory,
    'crash dir': join(directory, 'crash'),
    'admin socket': '',
    'pid file': '',
    'log to file': 'false',
    'mon cluster log to file': 'false',
    'plugin dir': join(packages.libraries, 'ceph'),
    'erasure code dir': join(packages.libraries, 'ceph/erasure-code'),
    'compressor plugin dir': join(packages.libraries, 'ceph/compressor'),
    'osd class dir': join(packages.libraries, 'rados-classes'),
    'osd class load list': '*',
    'osd class default list': '*',

    'mon data': join(directory, 'mon'),
    'mon data avail crit': '1',
    'mon allow pool size one': 'true',
    'mon max pg per osd': '1000',
    // Seconds. The defaults collect the changes of a large cluster; here they only make the first start slow.
    'paxos propose interval': '0.02',
    'paxos min wait': '0.01',
    'mon tick interval': '1',
    'mon client hunt interval': '0.2',
    'osd heartbeat interval': '1',

    'osd pool default size': '1',
    'osd pool default min size': '1',
    'osd pool default pg num': '4',
    'osd pool default pg autoscale mode': 'off',
    'osd crush chooseleaf type': '0',
    'crush location': 'root=default host=reelgate',
    'osd data': join(directory, 'osd'),
    'osd objectstore': 'bluestore',
    // Bytes. A sparse file: it takes from the disk what has been stored, and this is where the store is full.
    'bluestore block size': `${16 * 1024 ** 3}`,
    'bluestore cache autotune': 'false',
    'bluestore cache size': `${64 * 1024 ** 2}`,

    'rgw data': join(directory, 'rgw'),
    'rgw zone': 'default',
    'rgw frontends': `beast endpoint=127.0.0.1:${gatewayPort}`,
    'rgw enable usage log': 'false',
    // Seconds for the storage to come up before the gateway gives up.
    'rgw init timeout': '60',
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`);
  return `[global]\n${lines.join('\n')}\n`;
}
