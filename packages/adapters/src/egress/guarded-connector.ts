import { lookup as resolve } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { refusalAt, type Target, type TargetPolicy } from './target.ts';

/** All addresses of a name. */
export type Lookup = (
  name: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** The operating system's answer, /etc/hosts and search domains included. */
export const systemLookup: Lookup = (name) => resolve(name, { all: true });

export class ConnectionRefused extends Error {
  readonly reason: string;
  readonly address: string | undefined;
  constructor(reason: string, address?: string) {
    super(`connection refused by policy: ${reason}`);
    this.reason = reason;
    this.address = address;
  }
}

/**
 * Opens the one connection of one attempt. The name is resolved once; a single forbidden address among the answers
 * refuses them all; the socket is given those very addresses, so that a second answer of the name server cannot matter;
 * and the peer that was reached is judged once more.
 */
export function guardedConnector(options: {
  readonly target: Target;
  readonly policy: TargetPolicy;
  readonly lookup: Lookup;
  /** For name and connection together. */
  readonly timeoutMs: number;
  readonly onConnected?: (address: string) => void;
}): buildConnector.connector {
  const { target, policy, lookup, timeoutMs, onConnected } = options;

  const check = (address: string) => {
    const refusal = refusalAt(target, policy.judge(address), policy);
    if (refusal) throw new ConnectionRefused(refusal, address);
  };

  async function connect(request: buildConnector.Options) {
    const startedAt = performance.now();
    // An address in the URL never passes through a socket's lookup, so it is judged here like an answer.
    const family = isIP(target.host);
    const addresses = family
      ? [{ address: target.host, family }]
      : await inTime(lookup(target.host), timeoutMs);
    if (addresses.length === 0) throw new ConnectionRefused('dns_failed');
    for (const { address } of addresses) check(address);
    if (
      await policy.isOurs?.(
        target,
        addresses.map(({ address }) => address),
      )
    ) {
      throw new ConnectionRefused('own_server_forbidden');
    }

    const timeout = Math.max(1, timeoutMs - (performance.now() - startedAt));
    const open = buildConnector({ allowH2: false, timeout, lookup: pinned(addresses) });
    return new Promise<Parameters<buildConnector.Callback>>((done) => {
      open(request, (...result) => {
        const [, socket] = result;
        if (socket) {
          try {
            check(socket.remoteAddress ?? '');
            onConnected?.(socket.remoteAddress ?? '');
          } catch (error) {
            socket.destroy();
            done([error as Error, null]);
            return;
          }
        }
        done(result);
      });
    });
  }

  return (request, callback) => {
    connect(request).then(
      (result) => callback(...result),
      (error: Error) => callback(error, null),
    );
  };
}

/**
 * What the addresses that a target has now say against it, or which kind they all are. A name server that does not answer says
 * nothing.
 */
export async function judgeTarget(
  target: Target,
  policy: TargetPolicy,
  lookup: Lookup,
  timeoutMs: number,
): Promise<{ readonly refusal: string | null; readonly allowed: boolean }> {
  const addresses = isIP(target.host)
    ? [target.host]
    : (await inTime(lookup(target.host), timeoutMs).catch(() => [])).map(({ address }) => address);
  const verdicts = addresses.map((address) => policy.judge(address));
  const refusal =
    verdicts.map((verdict) => refusalAt(target, verdict, policy)).find((one) => one !== null) ??
    ((await policy.isOurs?.(target, addresses)) ? 'own_server_forbidden' : null);
  return { refusal, allowed: verdicts.length > 0 && verdicts.every((verdict) => verdict === 'allowed') };
}

function pinned(addresses: readonly { readonly address: string; readonly family: number }[]): LookupFunction {
  return (_name, { all }, callback) => {
    const [first] = addresses;
    if (all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ConnectionRefused('connect_timeout')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
