import { z } from 'zod';
import { ReelgateError } from '../errors.ts';
import { formatUsd } from './price.ts';

/** A limit as `quota_reserve` and `quota_look` tell of it. Amounts are decimal strings, because they may exceed 2^53. */
const limitStateSchema = z.object({
  scopeKind: z.enum(['org', 'team', 'key']),
  metric: z.enum(['cost', 'seconds', 'videos', 'concurrent']),
  window: z.enum(['month', 'day', 'none']),
  hard: z.string().nullable(),
  reserved: z.string(),
  settled: z.string(),
  amount: z.string(),
  resetsAt: z.string().nullable(),
  retryAfterSeconds: z.number().nullable(),
});

export type LimitState = z.infer<typeof limitStateSchema>;

const SCOPES = { org: 'Organization', team: 'Team', key: 'API key' } as const;
const WINDOWS = { month: ' this month', day: ' today', none: '' } as const;

export function parseLimitState(value: unknown): LimitState {
  return limitStateSchema.parse(value);
}

/** The refusal a caller can act on, from an error of Postgres; null where it was not a quota that refused. */
export function quotaRefusal(error: unknown): ReelgateError | null {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error) || !('code' in cause) || !('detail' in cause)) return null;
  if (cause.code !== 'RG429' && cause.code !== 'RG400') return null;
  return refusalOf(parseLimitState(JSON.parse(String(cause.detail))));
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

  if (detail.metric === 'concurrent') {
    return new ReelgateError(
      'rate_limit_exceeded',
      `${scope} limit of ${hard} videos in flight is reached. Try again when one of them has finished.`,
      { retryAfterSeconds: 5 },
    );
  }
  if (BigInt(detail.amount) > BigInt(hard)) {
    return new ReelgateError(
      'video_exceeds_quota',
      `This video needs ${show(detail.amount)}; the ${scope.toLowerCase()} quota for ${detail.metric} is ${show(hard)}${WINDOWS[detail.window]} in all. Ask for a higher quota or a shorter video.`,
    );
  }
  // A team is told its own figures; the organization's are not its business.
  const figures =
    detail.scopeKind === 'org'
      ? `this video ${show(detail.amount)}`
      : `limit ${show(hard)}${WINDOWS[detail.window]}, ${show(detail.settled)} used, ${show(detail.reserved)} reserved, this video ${show(detail.amount)}`;
  const resets =
    detail.resetsAt === null
      ? ''
      : ` Resets ${new Date(detail.resetsAt).toISOString().replace('.000Z', 'Z')}.`;
  return new ReelgateError(
    'insufficient_quota',
    `${scope} quota for ${detail.metric} reached: ${figures}.${resets}`,
    {
      ...(detail.retryAfterSeconds === null ? {} : { retryAfterSeconds: detail.retryAfterSeconds }),
    },
  );
}
