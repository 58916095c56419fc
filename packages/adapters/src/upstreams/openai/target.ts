import type { Operation } from '@reelgate/contract';
import { Agent, buildConnector, Client, type Dispatcher } from 'undici';
import { createEgress, type Egress, type Pooled } from '../../egress/index.ts';
import { createScrub, type Scrub } from '../scrub.ts';
import { DEFAULT_TIMEOUTS, type UpstreamSettings, type UpstreamTimeouts } from '../settings.ts';

/** Where requests of one account go and what they carry. */
export interface Target {
  readonly baseUrl: URL;
  readonly operations: ReadonlySet<Operation>;
  readonly timeouts: UpstreamTimeouts;
  readonly scrub: Scrub;
  /** Pooled connections to the upstream's own host. */
  readonly agent: Dispatcher;
  /** To anywhere else that the upstream sends us for its output. */
  readonly outputs: Pooled & Pick<Egress, 'refusalOf'>;
  /** `path` begins with a slash and is appended to the base URL. */
  url(path: string, query?: Readonly<Record<string, string>>): URL;
  /** What a request to `url` carries: the credential only at the upstream's own origin. */
  headers(url: URL): Record<string, string>;
  /** Cuts whatever is in flight on the pooled connections. */
  destroy(): Promise<void>;
}

/** Throws where `baseUrl` or `apiKey` cannot be used; the message repeats neither. */
export function createTarget(settings: UpstreamSettings): Target {
  const baseUrl = readBaseUrl(settings);
  const { apiKey, accountId } = settings;
  if (apiKey !== undefined && !/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(apiKey)) {
    throw new TypeError(`Upstream ${accountId}: apiKey may only have printable ASCII characters.`);
  }
  const timeouts = { ...DEFAULT_TIMEOUTS, ...settings.timeouts };
  const options: Agent.Options = {
    allowH2: false,
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.bodyIdleMs,
  };
  const agent = new Agent({ ...options, connect: { timeout: timeouts.connectMs } });
  const egress = createEgress({
    allowedCidrs: [],
    ...settings.outputs,
    allowHttp: true,
    anyPort: true,
    connectTimeoutMs: timeouts.connectMs,
  });
  const pool = egress.pool(options);
  return {
    baseUrl,
    operations: new Set(settings.operations),
    timeouts,
    scrub: createScrub({ apiKey, baseUrl }),
    agent,
    outputs: { ...pool, refusalOf: egress.refusalOf },
    url(path, query = {}) {
      const url = new URL(baseUrl);
      url.pathname = `${baseUrl.pathname.replace(/\/+$/, '')}${path}`;
      url.search = new URLSearchParams(query).toString();
      return url;
    },
    headers(url) {
      const headers = { 'user-agent': 'reelgate', 'accept-encoding': 'identity' };
      return apiKey !== undefined && url.origin === baseUrl.origin
        ? { ...headers, authorization: `Bearer ${apiKey}` }
        : headers;
    },
    async destroy() {
      await Promise.all([agent.destroy(), pool.destroy()]);
    },
  };
}

/**
 * One connection for one request, never kept: on a reused one, a request that was lost cannot be told from one that was
 * taken. `connected()` is false exactly as long as no byte of the request can have left: neither TCP nor TLS stood.
 */
export function createSingleUseClient(target: Target): { client: Client; connected: () => boolean } {
  const { timeouts } = target;
  let connected = false;
  const connect = buildConnector({ timeout: timeouts.connectMs, allowH2: false, maxCachedSessions: 0 });
  const client = new Client(target.baseUrl.origin, {
    pipelining: 0,
    allowH2: false,
    headersTimeout: timeouts.createHeadersMs,
    bodyTimeout: timeouts.bodyIdleMs,
    connect: (options, callback) =>
      connect(options, (...result) => {
        connected ||= result[0] === null;
        callback(...result);
      }),
  });
  return { client, connected: () => connected };
}

function readBaseUrl({ baseUrl, accountId }: UpstreamSettings): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const plain = url && !url.username && !url.password && !url.search && !url.hash;
  if (!plain || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(
      `Upstream ${accountId}: baseUrl must be an http or https URL without credentials, query and fragment.`,
    );
  }
  return url;
}
