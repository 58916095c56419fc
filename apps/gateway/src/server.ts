import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Logger } from '@reelgate/runtime';
import type { Hono } from 'hono';
import { ApiError, errorBody } from './errors.ts';
import type { GatewayEnv } from './gateway-env.ts';
import { headerValues } from './headers.ts';

const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 600_000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
const MAX_REQUESTS_PER_SOCKET = 1_000;

export interface ServerLimits {
  readonly keepAliveTimeoutMs: number;
  /** Without any traffic. */
  readonly idleTimeoutMs: number;
}

/** Node's server around the app, with every limit that it has against clients that are slow, large or malformed. */
export function createGatewayServer(app: Hono<GatewayEnv>, limits: ServerLimits, log: Logger): Server {
  const listener = getRequestListener((request, env) => app.fetch(request, env as GatewayEnv['Bindings']), {
    errorHandler: (error) => {
      const known = error instanceof RequestError;
      if (!known) log.error('http.failed', { error });
      const answer = known
        ? badRequest()
        : new ApiError(500, 'The server had an error.', { type: 'server_error' });
      return new Response(JSON.stringify(errorBody(answer)), {
        status: answer.status,
        headers: { 'content-type': 'application/json', connection: 'close' },
      });
    },
  });
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      // How late a time-out may be noticed.
      connectionsCheckingInterval: 5_000,
      requireHostHeader: true,
    },
    (incoming, outgoing) => {
      if (headerValues(incoming, 'host').length > 1) {
        const body = JSON.stringify(errorBody(badRequest()));
        outgoing.writeHead(400, { 'content-type': 'application/json', connection: 'close' }).end(body);
        return;
      }
      void listener(incoming, outgoing);
    },
  );
  server.maxHeadersCount = MAX_HEADERS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
  server.timeout = limits.idleTimeoutMs;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const answer = answerToBrokenRequest(error.code);
    log.info('http.broken_request', { errorCode: error.code, status: answer.status });
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
    const body = JSON.stringify(errorBody(answer));
    socket.end(
      `HTTP/1.1 ${answer.status} ${REASONS[answer.status]}\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      // What else it sends is not read: the two sides do not agree on where its requests end.
      () => socket.destroy(),
    );
  });
  return server;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function answerToBrokenRequest(code: string | undefined): ApiError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError(431, 'The headers of the request are too large.', { code: 'headers_too_large' });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError(408, 'The request did not arrive in time.', { code: 'request_timeout' });
    default:
      return badRequest();
  }
}

function badRequest(): ApiError {
  return new ApiError(400, 'The request cannot be read.', { code: 'bad_request' });
}
