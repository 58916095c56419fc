import type { Log, WebhookResult, WebhookTransport } from '@reelgate/core/ports';
import { Client } from 'undici';
import { createAddressPolicy, parseCidrs } from './address.ts';
import { failureReason } from './failure-reason.ts';
import {
  ConnectionRefused,
  guardedConnector,
  type Lookup,
  refusalOfName,
  systemLookup,
} from './guarded-connector.ts';
import { harmlessHeaders, readResponseHead, retryAfterSeconds } from './response-head.ts';
import { parseTarget, type Target, type TargetPolicy } from './target.ts';

export interface WebhookTransportOptions {
  /** Private ranges in which receivers may live, such as `10.20.0.0/16`. Any port is right there. */
  readonly allowedCidrs: readonly string[];
  /** Ranges in which no receiver may live, though allowed or public: our own servers. Metadata services always are. */
  readonly deniedCidrs?: readonly string[];
  /** Plain http: `true` everywhere, `false` nowhere, by default only towards `allowedCidrs`. */
  readonly allowHttp?: boolean;
  /** Milliseconds for resolving the name and connecting, TLS included. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds for the whole attempt. Default 15,000. */
  readonly timeoutMs?: number;
  /** Default: the operating system's resolver. */
  readonly lookup?: Lookup;
  readonly log: Log;
}

const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Posts to receivers that callers name. Every attempt resolves the name anew, uses a connection of its own and leaves
 * none behind. Certificates are verified; a company's own authority is trusted through NODE_EXTRA_CA_CERTS.
 */
export function createWebhookTransport(options: WebhookTransportOptions): WebhookTransport {
  const { connectTimeoutMs = 5_000, timeoutMs = 15_000, lookup = systemLookup, log } = options;
  const allowed = parseCidrs(options.allowedCidrs);
  const policy: TargetPolicy = {
    judge: createAddressPolicy(allowed, parseCidrs(options.deniedCidrs ?? [])),
    allowsSome: allowed.length > 0,
    allowHttp: options.allowHttp,
  };

  return {
    async refusal(url) {
      const target = parseTarget(url, policy);
      if (typeof target === 'string') return target;
      return await refusalOfName(target, policy, lookup, connectTimeoutMs);
    },

    async post(url, headers, body): Promise<WebhookResult> {
      const startedAt = performance.now();
      const durationMs = () => Math.round(performance.now() - startedAt);
      const target = parseTarget(url, policy);
      if (typeof target === 'string') return { kind: 'failed', reason: target, durationMs: durationMs() };

      let resolvedIp: string | undefined;
      const connect = guardedConnector({
        target,
        policy,
        lookup,
        timeoutMs: connectTimeoutMs,
        onConnected: (address) => {
          resolvedIp = address;
        },
      });
      const seen = () => (resolvedIp === undefined ? {} : { resolvedIp });
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), timeoutMs);
      try {
        const answer = await exchange(target, headers, body, connect, deadline.signal);
        return { kind: 'answered', ...answer, ...seen(), durationMs: durationMs() };
      } catch (error) {
        if (error instanceof ConnectionRefused && error.address !== undefined) {
          resolvedIp ??= error.address;
          log.warn('webhook.address_refused', {
            host: target.host,
            address: error.address,
            reason: error.reason,
          });
        }
        const reason = deadline.signal.aborted ? 'timeout' : failureReason(error);
        return { kind: 'failed', reason, ...seen(), durationMs: durationMs() };
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** One request on one connection, which is gone when this is settled. Redirects are answers like any other. */
async function exchange(
  { url }: Target,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  connect: ReturnType<typeof guardedConnector>,
  signal: AbortSignal,
): Promise<{
  status: number;
  responseHeaders: Record<string, string>;
  responseHead: string;
  retryAfterSeconds?: number;
}> {
  const client = new Client(url.origin, {
    connect,
    allowH2: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    // The signal bounds the whole attempt; undici's own clocks start again with every byte.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  try {
    const response = await client.request({
      method: 'POST',
      path: url.pathname + url.search,
      headers: { ...headers, 'accept-encoding': 'identity' },
      body,
      signal,
      reset: true,
    });
    const waitSeconds = retryAfterSeconds(response.headers['retry-after']);
    return {
      status: response.statusCode,
      responseHeaders: harmlessHeaders(response.headers),
      responseHead: await readResponseHead(response.body),
      ...(waitSeconds === undefined ? {} : { retryAfterSeconds: waitSeconds }),
    };
  } finally {
    client.destroy().catch(() => {});
  }
}
