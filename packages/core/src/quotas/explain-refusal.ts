import { z } from 'zod';
import { closedUpstream } from '../closed-upstream.ts';
import { ReelgateError } from '../errors.ts';
import { parseLimitState, refusalOf } from './refusal.ts';

const brakeSchema = z.object({ brake: z.enum(['org', 'team', 'key']), reason: z.string() });
const intakeSchema = z.object({ intake: z.enum(['draining', 'disabled']) });
const creditSchema = z.object({ outOfCredit: z.literal(true), retryAfterSeconds: z.int() });

const HELD = {
  org: 'Creating videos is paused for the whole company',
  team: 'Your team is frozen and cannot create videos',
  key: 'This API key is paused and cannot create videos',
} as const;

/** What `accept_video` refused, as the caller is told: a brake that is pulled, an upstream that takes nothing or cannot be paid, or a quota. */
export function explainRefusal(refusal: unknown): Error {
  const { success, data } = brakeSchema.safeParse(refusal);
  if (success) {
    return new ReelgateError(
      'creates_paused',
      `${HELD[data.brake]}: ${data.reason}. Everything else goes on. An administrator of Reelgate can lift it.`,
    );
  }
  if (intakeSchema.safeParse(refusal).success) return closedUpstream();
  const credit = creditSchema.safeParse(refusal);
  if (credit.success) {
    return new ReelgateError(
      'service_unavailable',
      'This model takes no new videos at the moment: the account with its upstream is out of credit. Nothing was created and nothing was charged. Tell an administrator of Reelgate, or use a model of another upstream.',
      { retryAfterSeconds: credit.data.retryAfterSeconds, param: 'model' },
    );
  }
  return refusalOf(parseLimitState(refusal)) ?? new Error('a quota refused what it has room for');
}
