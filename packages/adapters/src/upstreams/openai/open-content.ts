import type { Readable } from 'node:stream';
import type { Variant } from '@reelgate/contract';
import type { ContentRest, OpenResult, UpstreamHandle } from '@reelgate/core/ports';
import { type Dispatcher, request } from 'undici';
import { ConnectionRefused } from '../../egress/index.ts';
import { isEncoded } from '../read-json.ts';
import { failureCode, retryAfter } from './classify.ts';
import type { Target } from './target.ts';

const MAX_REDIRECTS = 3;
/** Not there, not ready, or the job failed: servers of this wire use all of them, and none tells more than "not now". */
const MISSING = new Set([400, 404, 409, 410, 422]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const NOT_MEDIA = /^\s*(text\/|application\/([\w.+-]*[/+])?(json|xml|xhtml\+xml)\b)/i;

/**
 * Opens the bytes of one variant. Redirects are followed by hand: over http(s) only, with the credential only at the
 * upstream's own origin, and to another host only where its address is public or allowed. The upstream's own host name may be used on
 * any port, since an operator who put the upstream on a private address has its store beside it.
 */
export async function openContent(
  target: Target,
  handle: UpstreamHandle,
  variant: Variant,
  { signal, rest }: { readonly signal?: AbortSignal; readonly rest?: ContentRest },
): Promise<OpenResult> {
  const range = rest && { range: `bytes=${rest.fromByte}-`, 'if-range': rest.etag };
  let url = target.url(`/videos/${encodeURIComponent(handle.id)}/content`, { variant });
  try {
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const ownHost = url.hostname === target.baseUrl.hostname;
      if (!ownHost && target.outputs.refusalOf(url)) return unavailable('redirect_forbidden');
      const response = await request(url, {
        dispatcher: ownHost ? target.agent : await target.outputs.to(url),
        headers: { ...target.headers(url), accept: '*/*', ...range },
        signal: signal ?? null,
      });
      if (!REDIRECTS.has(response.statusCode)) return readAnswer(response, rest);
      discard(response.body);
      const next = readLocation(response, url);
      if (!next) return unavailable('redirect_forbidden');
      url = next;
    }
    return unavailable('too_many_redirects');
  } catch (error) {
    return unavailable(error instanceof ConnectionRefused ? error.reason : failureCode(error));
  }
}

function readAnswer(response: Dispatcher.ResponseData, rest: ContentRest | undefined): OpenResult {
  const { statusCode, headers, body } = response;
  const contentType = headers['content-type'];
  const length = Number(headers['content-length'] ?? Number.NaN);
  const refuse = (result: OpenResult): OpenResult => {
    discard(body);
    return result;
  };
  if (MISSING.has(statusCode)) return refuse({ kind: 'missing' });
  const etag = readEtag(headers.etag);
  if (
    rest &&
    (statusCode === 200 || (statusCode === 206 && !continues(headers['content-range'], etag, rest)))
  ) {
    return refuse(unavailable('not_the_rest'));
  }
  if (statusCode !== (rest ? 206 : 200)) {
    return refuse({ ...unavailable(`http_${statusCode}`), ...retryAfter(response, Date.now()) });
  }
  if (isEncoded(headers)) return refuse(unavailable('answer_encoded'));
  if (NOT_MEDIA.test(String(contentType))) return refuse(unavailable('answer_not_media'));
  if (length === 0) return refuse(unavailable('answer_empty'));
  // An error before the first reader is attached must not end the process; a later reader still finds it on the stream.
  body.on('error', () => {});
  return {
    kind: 'stream',
    body,
    ...(Number.isSafeInteger(length) && { contentLength: length }),
    ...(typeof contentType === 'string' && { contentType }),
    ...(etag !== undefined && { etag }),
  };
}

/** Only a strong one proves that bytes are the same. */
function readEtag(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^"[^"]+"$/.test(header) ? header : undefined;
}

function continues(contentRange: unknown, etag: string | undefined, rest: ContentRest): boolean {
  return etag === rest.etag && String(contentRange).startsWith(`bytes ${rest.fromByte}-`);
}

function readLocation(response: Dispatcher.ResponseData, from: URL): URL | undefined {
  const { location } = response.headers;
  if (typeof location !== 'string' || !URL.canParse(location, from.href)) return undefined;
  const url = new URL(location, from);
  return /^https?:$/.test(url.protocol) && !url.username && !url.password ? url : undefined;
}

function unavailable(reason: string) {
  return { kind: 'unavailable', reason } satisfies OpenResult;
}

function discard(body: Readable): void {
  body.on('error', () => {}).destroy();
}
