/** The closed union of what core refuses. One file per transport maps a code to its answer. */
export const ERROR_CODES = [
  'invalid_value',
  'missing_required_parameter',
  'unsupported_parameter',
  'invalid_api_key',
  'missing_scope',
  'team_disabled',
  'model_not_found',
  'video_not_found',
  'character_not_found',
  'key_not_found',
  'team_not_found',
  'file_not_found',
  'file_storage_exceeded',
  'webhook_endpoint_not_found',
  'webhook_endpoint_unreachable',
  'webhook_endpoint_disabled',
  'webhook_delivery_not_found',
  'event_not_found',
  'unsupported_operation',
  'idempotency_key_reused',
  'video_not_ready',
  'not_cancellable',
  'video_failed',
  'video_expired',
  'variant_not_available',
  'insufficient_quota',
  'rate_limit_exceeded',
  'video_exceeds_quota',
  'creates_paused',
  'upstream_refused',
  'upstream_misconfigured',
  'service_unavailable',
  'forbidden',
  'cross_site_request',
  'not_found',
  'version_conflict',
  'conflict',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** How a limit stands. Of the organization's only which one it is. */
export interface QuotaStanding {
  readonly scopeKind: 'org' | 'team' | 'key';
  readonly metric: string;
  readonly window: string;
  readonly figures: {
    /** Decimal strings: millionths of a US dollar for `cost`, else plain numbers. */
    readonly limit: string;
    readonly left: string;
    readonly resetsAt: Date | null;
  } | null;
}

export interface ErrorDetails {
  /** The request field at fault. */
  readonly param?: string;
  /** Seconds after which trying again can help. */
  readonly retryAfterSeconds?: number;
  /** For `upstream_refused`: the upstream's own code, type and HTTP status, passed on. */
  readonly upstream?: { readonly code: string; readonly type?: string; readonly httpStatus: number };
  /** Something may have been made in spite of the refusal, so that trying again could make it twice. */
  readonly perhapsDone?: boolean;
  /** The limit that refused. */
  readonly quota?: QuotaStanding;
  readonly cause?: unknown;
}

/** A refusal that a caller can act on. `message` is for the caller: precise, free of anything internal. */
export class ReelgateError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ReelgateError';
    this.code = code;
    this.details = details;
  }
}

/** Throws `version_conflict` where a change was made to another version than there is now. */
export function checkVersion(current: number, seen: number | undefined): void {
  if (seen === undefined || seen === current) return;
  throw new ReelgateError(
    'version_conflict',
    `It has been changed meanwhile: version ${current} now, and you have seen ${seen}. Look again.`,
    { param: 'version' },
  );
}
