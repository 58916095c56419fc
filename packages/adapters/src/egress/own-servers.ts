import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import type { Lookup } from './guarded-connector.ts';
import type { Target } from './target.ts';

/** A server that belongs to this deployment, and that nobody may have us talk to by naming it. */
export interface OwnServer {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  /** Others may live behind its addresses: only its name is ours. */
  readonly byNameOnly?: boolean;
}

/** Tells whether a target is one of our servers: by name, or at this port of an address that the server's name has now. */
export function recognizeOwn(servers: readonly OwnServer[], lookup: Lookup) {
  return async (target: Target, addresses: readonly string[]): Promise<boolean> => {
    const host = target.host.replace(/\.+$/, '');
    const atPort = servers.filter(({ port }) => port === target.port);
    if (atPort.some((server) => server.host.toLowerCase() === host)) return true;
    const wanted = new Set(addresses.map(plain));
    for (const server of atPort) {
      if (server.byNameOnly) continue;
      const own = (await addressesOf(server.host, lookup)).map(plain);
      // What listens on this machine mostly does so at every address of it.
      const here = own.some(isLoopback) ? [...own, ...addressesOfMachine()] : own;
      if (here.some((address) => wanted.has(address))) return true;
      if (own.some(isLoopback) && [...wanted].some(isLoopback)) return true;
    }
    return false;
  };
}

async function addressesOf(host: string, lookup: Lookup): Promise<string[]> {
  if (isIP(host)) return [host];
  return (await lookup(host).catch(() => [])).map(({ address }) => address);
}

function addressesOfMachine(): string[] {
  return Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).map(({ address }) => plain(address)),
  );
}

/** An IPv4 address in IPv6 clothes as the IPv4 address. */
function plain(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : address;
}

function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ['loopback', 'unspecified'].includes(ipaddr.process(address).range());
}
