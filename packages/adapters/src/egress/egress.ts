import { Agent, type buildConnector, Client, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { createAddressPolicy, parseCidrs } from './address.ts';
import {
  ConnectionRefused,
  guardedConnector,
  judgeTarget,
  type Lookup,
  systemLookup,
} from './guarded-connector.ts';
import { type OwnServer, recognizeOwn } from './own-servers.ts';
import {
  parseTarget,
  type Refusal,
  refusalOfHost,
  type Target,
  type TargetPolicy,
  targetOf,
} from './target.ts';

export interface EgressOptions {
  /** Private ranges that may be reached, such as `10.20.0.0/16`. Any port is right there. */
  readonly allowedCidrs: readonly string[];
  /** Ranges that may not, though allowed or public. Metadata services never may. */
  readonly deniedCidrs?: readonly string[];
  /** Of this deployment: never reached, though their addresses are allowed. */
  readonly ownServers?: readonly OwnServer[];
  /** Plain http: `true` everywhere, `false` nowhere, by default only towards `allowedCidrs`. */
  readonly allowHttp?: boolean;
  /** Public addresses may be reached at any port. */
  readonly anyPort?: boolean;
  /** An http(s) proxy that takes CONNECT, for all that is not in `allowedCidrs`. */
  readonly proxy?: string | undefined;
  /** Milliseconds for resolving a name and connecting, TLS included. */
  readonly connectTimeoutMs: number;
  /** Default: the operating system's resolver. */
  readonly lookup?: Lookup;
}

type ClientOptions = Omit<Client.Options, 'connect'>;

/** The one way to URLs that somebody else names: callers their webhooks, upstreams where their output is. */
export interface Egress {
  /** Form, scheme, port and literal address of a URL that a caller gave. */
  parse(url: string): Target | Refusal;
  /** What can be said against a URL of http(s) without a look at its name's addresses. */
  refusalOf(url: URL): Refusal | null;
  /** Why it may not be reached now, or null. A name without an address at the moment is not refused. */
  refusalNow(target: Target): Promise<string | null>;
  /** For one connection, never kept. Rejects with `ConnectionRefused`. */
  single(target: Target, options: ClientOptions, onConnected: (address: string) => void): Promise<Dispatcher>;
  /** For whatever is asked of it, over kept connections; each of them is judged when it is opened. */
  pool(options: ClientOptions): Pooled;
}

export interface Pooled {
  /** Rejects with `ConnectionRefused`. */
  to(url: URL): Promise<Dispatcher>;
  destroy(): Promise<void>;
}

export function createEgress(options: EgressOptions): Egress {
  const { proxy, connectTimeoutMs: timeoutMs, lookup = systemLookup } = options;
  const allowed = parseCidrs(options.allowedCidrs);
  const policy: TargetPolicy = {
    judge: createAddressPolicy(allowed, parseCidrs(options.deniedCidrs ?? [])),
    allowsSome: allowed.length > 0,
    allowHttp: options.allowHttp,
    anyPort: options.anyPort,
    isOurs: options.ownServers && recognizeOwn(options.ownServers, lookup),
  };

  /** A proxy resolves names itself: what they are here is judged before, what they are there by the proxy. */
  const goesDirectly = async (target: Target): Promise<boolean> => {
    if (proxy === undefined) return true;
    const { refusal, allowed } = await judgeTarget(target, policy, lookup, timeoutMs);
    if (refusal) throw new ConnectionRefused(refusal);
    return allowed;
  };
  const proxyAgent = (clientOptions: ClientOptions) =>
    new ProxyAgent({
      ...clientOptions,
      uri: proxy ?? '',
      // Also for plain http: what the proxy sees is where it goes, never what is said.
      proxyTunnel: true,
      connectTimeout: timeoutMs,
      clientFactory: (origin, poolOptions) => new Pool(origin, { ...poolOptions, headersTimeout: timeoutMs }),
    });

  return {
    parse: (url) => parseTarget(url, policy),
    refusalOf: (url) => refusalOfHost(targetOf(url), policy),
    refusalNow: async (target) => (await judgeTarget(target, policy, lookup, timeoutMs)).refusal,
    async single(target, clientOptions, onConnected) {
      if (!(await goesDirectly(target))) return proxyAgent(clientOptions);
      const connect = guardedConnector({ target, policy, lookup, timeoutMs, onConnected });
      return new Client(target.url.origin, { ...clientOptions, connect });
    },
    pool(clientOptions) {
      const direct = new Agent({
        ...clientOptions,
        connect: (asked: buildConnector.Options, callback: buildConnector.Callback) => {
          const target = targetOf(new URL(`${asked.protocol}//${asked.host ?? asked.hostname}`));
          guardedConnector({ target, policy, lookup, timeoutMs })(asked, callback);
        },
      });
      const proxied = proxy === undefined ? undefined : proxyAgent(clientOptions);
      return {
        to: async (url) => (proxied && !(await goesDirectly(targetOf(url))) ? proxied : direct),
        async destroy() {
          await Promise.all([direct.destroy(), proxied?.destroy()]);
        },
      };
    },
  };
}
