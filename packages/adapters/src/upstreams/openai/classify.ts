import type { IncomingHttpHeaders } from 'node:http';
import { OUT_OF_CREDIT, type SubmitResult, type UpstreamError } from '@reelgate/core/ports';
import type { JsonBody } from '../read-json.ts';
import type { Scrub } from '../scrub.ts';
import { readErrorBody } from './error-body.ts';
import { readVideo } from './map-video.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: JsonBody;
}

/** Statuses that prove a refusal, with the code told to the caller where the upstream names none. 429 is one of them. */
const REFUSALS: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request'],
  [401, 'upstream_credential_refused'],
  [403, 'upstream_credential_refused'],
  [404, 'not_found'],
  [413, 'request_too_large'],
  [415, 'unsupported_media_type'],
  [422, 'invalid_request'],
  [429, 'rate_limit_exceeded'],
]);

const CONTENT_POLICY = /content_?policy|content_?filter|moderation|safety|sensitive_content/i;
const OUT_OF_CREDIT_NAMES =
  /insufficient_(quota|credit|balance|funds)|billing|spend(ing)?_limit|credit_balance|budget_exceeded|account_(deactivated|suspended)/i;

/** As the original spells them; other servers put the names of their own classes there. */
const TYPE = /^[a-z][a-z_]*_error$/;

const MAX_RETRY_AFTER_MS = 86_400_000;

/** What an answer to a create proves. Whatever is not listed proves nothing. */
export function classifyAnswer(
  answer: Answer,
  context: { readonly scrub: Scrub; readonly now: number; readonly prompt: string },
): SubmitResult {
  const { status, headers, body } = answer;
  if (status >= 200 && status < 300) {
    const snapshot = readVideo(body.value, context);
    if (!snapshot) return unknown(body.problem ?? 'answer_without_id', status);
    const requestId = readRequestId(headers);
    return {
      kind: 'accepted',
      handle: { id: snapshot.id },
      snapshot,
      ...(requestId !== undefined && { requestId }),
    };
  }
  const fallbackCode = REFUSALS.get(status);
  if (fallbackCode === undefined) return unknown(`http_${status}`, status);

  const error = readErrorBody(body.value);
  const names = `${error.code ?? ''} ${error.type ?? ''}`;
  if (OUT_OF_CREDIT_NAMES.test(names)) return operatorFault(OUT_OF_CREDIT, answer, context.now);
  if (status === 401 || (status === 403 && !CONTENT_POLICY.test(names))) {
    return operatorFault('upstream_credential_refused', answer, context.now);
  }
  // Some servers repeat the status as a numeric code, which tells nothing.
  const code = error.code === String(status) ? undefined : error.code;
  const type = context.scrub(TYPE.test(error.type ?? '') ? error.type : undefined, '');
  const shown: UpstreamError = {
    code: context.scrub(code, CONTENT_POLICY.test(names) ? 'content_policy_violation' : fallbackCode),
    message: context.scrub(error.message, 'The upstream refused this request.', [context.prompt]),
    httpStatus: status,
    ...(type !== '' && { type }),
    ...(error.param !== undefined && { param: error.param }),
  };
  return status === 429
    ? {
        kind: 'refused',
        error: shown,
        retry: 'later',
        ...retryAfter(answer, context.now),
        operatorFault: false,
      }
    : { kind: 'refused', error: shown, retry: 'never', operatorFault: false };
}

/** What is left where no answer came. */
export type Unproved = Extract<SubmitResult, { kind: 'not_sent' | 'unknown' }>;

/** What a create without an answer proves. Before a connection stood, nothing can have been sent; after that, anything can. */
export function classifyFailure(error: unknown, connected: boolean): Unproved {
  const reason = failureCode(error);
  if (connected) return unknown(reason);
  return {
    kind: 'not_sent',
    error: { code: 'upstream_unreachable', message: `The upstream could not be reached (${reason}).` },
  };
}

/** A short word for the log: the code of a system, TLS or HTTP client error. Never its text, which names hosts. */
export function failureCode(error: unknown): string {
  if (!(error instanceof Error)) return 'error';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return /^\w{1,64}$/.test(code) ? code : 'error';
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date; in ms, at most a day. */
export function readRetryAfterMs(headers: IncomingHttpHeaders, now: number): number | undefined {
  const precise = readNumber(headers['retry-after-ms']);
  const plain = headers['retry-after'];
  const seconds = readNumber(plain);
  const ms =
    precise ?? (seconds !== undefined ? seconds * 1000 : plain ? Date.parse(plain) - now : Number.NaN);
  return Number.isFinite(ms) ? Math.min(MAX_RETRY_AFTER_MS, Math.max(0, Math.ceil(ms))) : undefined;
}

/** The spread of an optional `retryAfterMs`. */
export function retryAfter(answer: Pick<Answer, 'headers'>, now: number): { readonly retryAfterMs?: number } {
  const retryAfterMs = readRetryAfterMs(answer.headers, now);
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}

function operatorFault(
  code: typeof OUT_OF_CREDIT | 'upstream_credential_refused',
  answer: Answer,
  now: number,
) {
  // Of these the upstream's own words are never shown: they name keys and accounts, and no caller can act on them.
  const message =
    code === OUT_OF_CREDIT
      ? "The gateway's account with the upstream is out of credit."
      : "The upstream refused the gateway's credential.";
  return {
    kind: 'refused',
    error: { code, message, httpStatus: answer.status },
    retry: 'later',
    ...retryAfter(answer, now),
    operatorFault: true,
  } satisfies SubmitResult;
}

function unknown(reason: string, httpStatus?: number): Extract<Unproved, { kind: 'unknown' }> {
  return {
    kind: 'unknown',
    error: {
      code: 'upstream_outcome_unknown',
      message: `The upstream did not confirm whether it took the request (${reason}).`,
      ...(httpStatus !== undefined && { httpStatus }),
    },
  };
}

function readRequestId(headers: IncomingHttpHeaders): string | undefined {
  const id = headers['x-request-id'];
  return typeof id === 'string' && /^[\w.:-]{1,128}$/.test(id) ? id : undefined;
}

function readNumber(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,12}(\.\d{1,6})?$/.test(header.trim())
    ? Number(header)
    : undefined;
}
