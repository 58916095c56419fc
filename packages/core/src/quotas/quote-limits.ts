import type { Database } from '@reelgate/db';
import type { ReelgateError } from '../errors.ts';
import { type Countable, lookAtLimits } from './queries/index.ts';
import { type LimitState, parseLimitState, refusalOf } from './refusal.ts';

export interface LimitQuote {
  /** What would refuse it now; null where it would be accepted. */
  readonly refusal: ReelgateError | null;
  /** The team's and the key's own limits; the organization's figures are not a team's business. */
  readonly limits: readonly (LimitState & {
    /** Decimal string; null without a limit, and never below nothing. */
    readonly leftAfter: string | null;
  })[];
}

/** What enforcement would say to such a video now, without reserving anything. */
export async function quoteLimits(
  ctx: { db: Database },
  owner: { teamId: string; keyId: string; isTest: boolean },
  video: Countable,
): Promise<LimitQuote> {
  const states = (await lookAtLimits(ctx.db, owner.teamId, owner.keyId, video))
    .map(parseLimitState)
    // Of the limits, only those of a test key itself count what it makes.
    .filter(({ scopeKind }) => !owner.isTest || scopeKind === 'key');
  const refusal = states.map(refusalOf).find((found) => found !== null) ?? null;
  return {
    refusal,
    limits: states
      .filter((state) => state.scopeKind !== 'org')
      .map((state) => ({ ...state, leftAfter: leftAfter(state) })),
  };
}

function leftAfter(state: LimitState): string | null {
  if (state.hard === null) return null;
  const left = BigInt(state.hard) - BigInt(state.settled) - BigInt(state.reserved) - BigInt(state.amount);
  return (left < 0n ? 0n : left).toString();
}
