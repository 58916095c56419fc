/** The one place that turns a refusal into an HTTP answer: core's codes, our own, and everything unforeseen. */
import type { ErrorBody } from '@reelgate/contract';
import { type ErrorCode, ReelgateError } from '@reelgate/core';
import { type DatabaseFault, databaseFault } from './database-fault.ts';
import { quotaHeaders } from './quota-headers.ts';

interface ApiErrorOptions {
  readonly type?: string;
  readonly param?: string;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is not a success, as it goes over the wire. `message` is for the caller. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, options: ApiErrorOptions = {}) {
    super(message);
    this.status = status;
    this.type = options.type ?? 'invalid_request_error';
    this.param = options.param ?? null;
    this.code = options.code ?? null;
    this.headers = options.headers ?? {};
  }
}

export function badRequest(code: string, message: string, param?: string): ApiError {
  return new ApiError(400, message, { code, ...(param !== undefined && { param }) });
}

/** `what` begins the sentence that the caller reads. */
export function tooLarge(what: string, maxBytes: number): ApiError {
  return new ApiError(413, `${what} is larger than ${maxBytes} bytes.`, { code: 'request_too_large' });
}

/** The client closed its connection; nobody reads this answer. */
export function clientGone(): ApiError {
  return new ApiError(499, 'The client closed the connection.', { code: 'client_closed_request' });
}

export function errorBody({ message, type, param, code }: ApiError): ErrorBody {
  return { error: { message, type, param, code } };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  /** Overrides what an SDK would conclude from the status. */
  readonly retry?: boolean;
}

const invalid = (status: number): Answer => ({ status, type: 'invalid_request_error' });

/**
 * Never 409 in the public API: every SDK repeats a request that is answered so. A 429 for a used-up quota says that repeating is useless.
 * What a video's content is refused for is 404: there is no such content, at least not yet.
 */
const ANSWERS: Readonly<Record<ErrorCode, Answer>> = {
  invalid_value: invalid(400),
  missing_required_parameter: invalid(400),
  unsupported_parameter: invalid(400),
  video_exceeds_quota: invalid(400),
  unsupported_operation: invalid(400),
  not_cancellable: invalid(400),
  idempotency_key_reused: invalid(422),
  invalid_api_key: invalid(401),
  missing_scope: invalid(403),
  team_disabled: invalid(403),
  model_not_found: invalid(404),
  video_not_found: invalid(404),
  character_not_found: invalid(404),
  key_not_found: invalid(404),
  team_not_found: invalid(404),
  file_not_found: invalid(404),
  file_storage_exceeded: invalid(400),
  webhook_endpoint_not_found: invalid(404),
  webhook_endpoint_unreachable: invalid(400),
  webhook_endpoint_disabled: invalid(400),
  webhook_delivery_not_found: invalid(404),
  event_not_found: invalid(404),
  video_not_ready: invalid(404),
  video_failed: invalid(404),
  video_expired: invalid(404),
  variant_not_available: invalid(404),
  insufficient_quota: { status: 429, type: 'insufficient_quota', retry: false },
  rate_limit_exceeded: { status: 429, type: 'requests' },
  // A brake is pulled: by hand, or by a key that was too fast.
  creates_paused: { status: 403, type: 'invalid_request_error', retry: false },
  // Accepted, sent and refused: to send it again would only be refused again.
  upstream_refused: { status: 400, type: 'invalid_request_error', retry: false },
  upstream_misconfigured: { status: 502, type: 'server_error', retry: false },
  forbidden: invalid(403),
  cross_site_request: invalid(403),
  not_found: invalid(404),
  version_conflict: invalid(409),
  conflict: invalid(409),
  service_unavailable: { status: 503, type: 'server_error', retry: true },
};

/** Statuses of an upstream that mean to our caller what they meant to us. */
const PASSED_ON: ReadonlySet<number> = new Set([400, 404, 413, 415, 422]);

/** `creating`: the request may already have made something, so an SDK must not repeat it by itself. */
export function toApiError(error: unknown, request: { id: string; creating: boolean }): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof ReelgateError) return fromCore(error);
  const fault = databaseFault(error);
  if (fault !== null) return unavailable(fault, request);
  return new ApiError(
    500,
    `The server had an error while processing your request. If it persists, tell an administrator of Reelgate the request id ${request.id}.`,
    { type: 'server_error', headers: request.creating ? retryHeader(false) : {} },
  );
}

function fromCore(error: ReelgateError): ApiError {
  const { param, quota, retryAfterSeconds, upstream } = error.details;
  const answer = answerTo(error);
  const passedOn = error.code === 'upstream_refused' ? upstream : undefined;
  return new ApiError(
    passedOn && PASSED_ON.has(passedOn.httpStatus) ? passedOn.httpStatus : answer.status,
    error.message,
    {
      type: passedOn?.type ?? answer.type,
      code: passedOn?.code ?? error.code,
      ...(param !== undefined && { param }),
      headers: {
        ...(answer.retry !== undefined && retryHeader(answer.retry)),
        ...(retryAfterSeconds !== undefined && retryAfter(retryAfterSeconds)),
        ...(quota && quotaHeaders(quota)),
        ...(answer.status === 401 && { 'www-authenticate': 'Bearer' }),
      },
    },
  );
}

function answerTo({ code, details }: ReelgateError): Answer {
  // Of a video that is named in a request, and not what the request is about.
  if (code === 'video_not_ready' && details.param !== undefined) return invalid(400);
  return details.perhapsDone === true ? { ...ANSWERS[code], retry: false } : ANSWERS[code];
}

function unavailable(fault: DatabaseFault, request: { creating: boolean }): ApiError {
  return new ApiError(503, 'The service is temporarily unavailable. Please try again shortly.', {
    type: 'server_error',
    code: 'service_unavailable',
    headers:
      fault === 'perhaps_done' && request.creating
        ? retryHeader(false)
        : { ...retryHeader(true), ...retryAfter(1) },
  });
}

function retryHeader(retry: boolean): Record<string, string> {
  return { 'x-should-retry': String(retry) };
}

function retryAfter(seconds: number): Record<string, string> {
  const ms = Math.max(1, Math.ceil(seconds * 1_000));
  return { 'retry-after': String(Math.ceil(ms / 1_000)), 'retry-after-ms': String(ms) };
}

/** 404 for a path that is not served; without the query, which may hold what must not be repeated. */
export function urlNotFound(method: string, path: string): ApiError {
  return new ApiError(404, `Invalid URL (${method} ${path.slice(0, 200)})`);
}

export function methodNotAllowed(method: string, allowed: readonly string[]): ApiError {
  return new ApiError(405, `Method ${method} is not allowed here. Allowed: ${allowed.join(', ')}.`, {
    code: 'method_not_allowed',
    headers: { allow: allowed.join(', ') },
  });
}
