import { ConnectionRefused } from '../egress/index.ts';

/** Codes of Node, OpenSSL and undici, in the words of an attempt's record. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^(ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL)$/, 'dns_failed'],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, 'connect_timeout'],
  [/^ECONNREFUSED$/, 'connection_refused'],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, 'unreachable'],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, 'connection_reset'],
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'response_headers_too_large'],
  [/^(HPE_\w+|UND_ERR_RESPONSE\w*)$/, 'response_invalid'],
  [/^UND_ERR_(INVALID_ARG|NOT_SUPPORTED|REQ_CONTENT_LENGTH_MISMATCH)$/, 'request_invalid'],
  [
    /^(ERR_TLS_\w+|ERR_SSL_\w+|EPROTO|CERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+|HOSTNAME_MISMATCH)$/,
    'tls_failed',
  ],
];

export function failureReason(error: unknown): string {
  if (error instanceof ConnectionRefused) return error.reason;
  if (!(error instanceof Error)) return 'connection_failed';
  // Of what a proxy refuses, undici has a text alone.
  if (error.message.startsWith('Proxy response')) return 'proxy_refused';
  // Of some parser errors the name is all there is.
  if (error.name === 'HTTPParserError') return 'response_invalid';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return REASONS.find(([pattern]) => pattern.test(code))?.[1] ?? 'connection_failed';
}
