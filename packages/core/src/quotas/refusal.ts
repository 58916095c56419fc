import { z } from 'zod';
import { type QuotaStanding, ReelgateError } from '../errors.ts';
import { formatUsd } from './price.ts';

/** A limit as `quota_reserve` and `quota_look` tell of it. Amounts are decimal strings, because they may exceed 2^53. */
const limitStateSchema = z.object({
  limitId: z.string(),
  scopeKind: z.enum(['org', 'team', 'key']),
  scopeId: z.string(),
  metric: z.enum(['cost', 'seconds', 'videos', 'concurrent']),
  window: z.enum(['month', 'day', 'none', 'leaky']),
  spanSeconds: z.int(),
  timeZone: z.string(),
  /** It counts only videos of this model, and with these labels. */
  model: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  /** With what is granted for a while. */
  hard: z.string().nullable(),
  soft: z.string().nullable(),
  granted: z.string(),
  reserved: z.string(),
  settled: z.string(),
  amount: z.string(),
  periodStartsAt: z.string().nullable(),
  /** Of a leaky window: when there is room for the amount. */
  resetsAt: z.string().nullable(),
  retryAfterSeconds: z.number().nullable(),
});

export type LimitState = z.infer<typeof limitStateSchema>;

const SCOPES = { org: 'Organization', team: 'Team', key: 'API key' } as const;

export function parseLimitState(value: unknown): LimitState {
  return limitStateSchema.parse(value);
}

/** What this limit says to this amount; null where there is room. */
export function refusalOf(detail: LimitState): ReelgateError | null {
  const { hard } = detail;
  if (
    hard === null ||
    BigInt(detail.settled) + BigInt(detail.reserved) + BigInt(detail.amount) <= BigInt(hard)
  )
    return null;
  const show = (value: string) =>
    detail.metric === 'cost'
      ? `${formatUsd(BigInt(value))} USD`
      : detail.metric === 'seconds'
        ? `${value} seconds`
        : `${value} videos`;
  const scope = SCOPES[detail.scopeKind];
  const of = selection(detail);

  if (detail.metric === 'concurrent') {
    return new ReelgateError(
      'rate_limit_exceeded',
      `${scope} limit of ${hard} videos in flight${of} is reached. Try again when one of them has finished.`,
      { retryAfterSeconds: 5, quota: standingOf(detail) },
    );
  }
  if (BigInt(detail.amount) > BigInt(hard)) {
    return new ReelgateError(
      'video_exceeds_quota',
      `This video needs ${show(detail.amount)}; the ${scope.toLowerCase()} quota for ${detail.metric}${of} is ${show(hard)}${windowOf(detail)} in all. Ask for a higher quota or a shorter video.`,
      { quota: standingOf(detail) },
    );
  }
  // A team is told its own figures; the organization's are not its business.
  const figures =
    detail.scopeKind === 'org'
      ? `this video ${show(detail.amount)}`
      : `limit ${show(hard)}${windowOf(detail)}, ${show(detail.settled)} used, ${show(detail.reserved)} reserved, this video ${show(detail.amount)}`;
  return new ReelgateError(
    'insufficient_quota',
    `${scope} quota for ${detail.metric}${of} reached: ${figures}.${resets(detail)}${detail.scopeKind === 'org' ? ' Ask an administrator of Reelgate.' : ' Ask for more with POST /v1/quota/requests.'}`,
    {
      quota: standingOf(detail),
      ...(detail.retryAfterSeconds === null ? {} : { retryAfterSeconds: detail.retryAfterSeconds }),
    },
  );
}

function standingOf(state: LimitState): QuotaStanding {
  const { scopeKind, metric, window } = state;
  const left = BigInt(state.hard ?? 0) - BigInt(state.settled) - BigInt(state.reserved);
  return {
    scopeKind,
    metric,
    window,
    figures:
      scopeKind === 'org'
        ? null
        : {
            limit: state.hard ?? '0',
            left: (left < 0n ? 0n : left).toString(),
            resetsAt: state.resetsAt === null ? null : new Date(state.resetsAt),
          },
  };
}

const standingSchema = z.object({
  scopeKind: z.enum(['team', 'key']),
  metric: z.string(),
  window: z.string(),
  hard: z.string(),
  left: z.string(),
  resetsAt: z.string().nullable(),
});

/** What `accept_video` says of the limit that is nearest to its end; null where the caller has none of its own. */
export function parseStanding(value: unknown): QuotaStanding | null {
  if (value === null || value === undefined) return null;
  const { hard, left, resetsAt, ...limit } = standingSchema.parse(value);
  return {
    ...limit,
    figures: { limit: hard, left, resetsAt: resetsAt === null ? null : new Date(resetsAt) },
  };
}

function selection({ model, tags }: LimitState): string {
  const labels = Object.entries(tags).map(([name, value]) => `${name}=${value}`);
  const parts = [...(model === null ? [] : [`model ${model}`]), ...labels];
  return parts.length === 0 ? '' : ` of ${parts.join(', ')}`;
}

function windowOf({ window, spanSeconds }: LimitState): string {
  if (window === 'month') return ' this month';
  if (window === 'day') return ' today';
  return window === 'leaky' ? ` in ${describeSpan(spanSeconds)}` : '';
}

function resets({ window, resetsAt, timeZone }: LimitState): string {
  if (resetsAt === null) return '';
  const when = inZone(new Date(resetsAt), timeZone);
  return window === 'leaky' ? ` There is room for it again at ${when}.` : ` Resets ${when}.`;
}

/** `24 hours`, `90 seconds`. */
export function describeSpan(seconds: number): string {
  for (const [unit, length] of [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const) {
    if (seconds % length === 0 && seconds > length) return `${seconds / length} ${unit}s`;
    if (seconds === length)
      return unit === 'day' ? '24 hours' : `60 ${unit === 'hour' ? 'minutes' : 'seconds'}`;
  }
  return `${seconds} seconds`;
}

/** `2026-12-01T00:00:00+01:00 (Europe/Berlin)`, or `2026-12-01T00:00:00Z`. */
export function inZone(at: Date, timeZone: string): string {
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    .format(at)
    .replace(' ', 'T');
  const minutes = Math.round((Date.parse(`${local}Z`) - at.getTime()) / 60_000);
  if (minutes === 0) return `${local}Z${timeZone === 'UTC' ? '' : ` (${timeZone})`}`;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
  return `${local}${offset} (${timeZone})`;
}
