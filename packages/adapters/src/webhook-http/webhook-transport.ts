import type { Log, WebhookResult, WebhookTransport } from '@reelgate/core/ports';
import type { Dispatcher } from 'undici';
import { ConnectionRefused, createEgress, type EgressOptions, type Target } from '../egress/index.ts';
import { failureReason } from './failure-reason.ts';
import { harmlessHeaders, readResponseHead, retryAfterSeconds } from './response-head.ts';

export interface WebhookTransportOptions extends Omit<EgressOptions, 'connectTimeoutMs' | 'anyPort'> {
  /** Milliseconds for resolving the name and connecting, TLS included. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds for the whole attempt. Default 15,000. */
  readonly timeoutMs?: number;
  readonly log: Log;
}

const CLIENT_OPTIONS = {
  allowH2: false,
  maxHeaderSize: 16 * 1024,
  // The signal bounds the whole attempt; undici's own clocks start again with every byte.
  headersTimeout: 0,
  bodyTimeout: 0,
};

/**
 * Posts to receivers that callers name. Every attempt resolves the name anew, uses a connection of its own and leaves
 * none behind. Certificates are verified; a company's own authority is trusted through NODE_EXTRA_CA_CERTS.
 */
export function createWebhookTransport(options: WebhookTransportOptions): WebhookTransport {
  const { connectTimeoutMs = 5_000, timeoutMs = 15_000, log, ...settings } = options;
  const egress = createEgress({ ...settings, connectTimeoutMs });

  return {
    async refusal(url) {
      const target = egress.parse(url);
      return typeof target === 'string' ? target : await egress.refusalNow(target);
    },

    async post(url, headers, body): Promise<WebhookResult> {
      const startedAt = performance.now();
      const durationMs = () => Math.round(performance.now() - startedAt);
      const target = egress.parse(url);
      if (typeof target === 'string') return { kind: 'failed', reason: target, durationMs: durationMs() };

      let resolvedIp: string | undefined;
      const seen = () => (resolvedIp === undefined ? {} : { resolvedIp });
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), timeoutMs);
      try {
        const dispatcher = await egress.single(target, CLIENT_OPTIONS, (address) => {
          resolvedIp = address;
        });
        const answer = await exchange(target, headers, body, dispatcher, deadline.signal);
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
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<{
  status: number;
  responseHeaders: Record<string, string>;
  responseHead: string;
  retryAfterSeconds?: number;
}> {
  try {
    const response = await dispatcher.request({
      origin: url.origin,
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
    dispatcher.destroy().catch(() => {});
  }
}
