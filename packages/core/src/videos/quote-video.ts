import type { CallerContext } from '../context.ts';
import { findOpenModel } from '../models/index.ts';
import { estimateCost, type LimitQuote, quoteLimits } from '../quotas/index.ts';
import { choosePrice, chooseSeconds, chooseSize } from './choose.ts';

export interface Quote extends LimitQuote {
  readonly model: string;
  readonly seconds: number;
  readonly size: string;
  readonly costMicroUsd: bigint;
}

/** What a create would cost and whether it would be accepted now, without creating or reserving anything. Throws as `createVideo` does for what it cannot price. */
export async function quoteVideo(
  ctx: CallerContext,
  input: {
    model: string;
    seconds: number | undefined;
    size: string | undefined;
    metadata?: Readonly<Record<string, string>> | undefined;
  },
): Promise<Quote> {
  const priced = await findOpenModel(ctx, input.model);
  const seconds = chooseSeconds(priced, input.seconds);
  const size = chooseSize(priced, input.size);
  const costMicroUsd = estimateCost(choosePrice(priced, size), { seconds, images: 0 });
  const amounts = { cost: costMicroUsd.toString(), seconds: String(seconds), videos: '1', concurrent: '1' };
  const limits = await quoteLimits(ctx, ctx.principal, {
    amounts,
    model: priced.model.name,
    tags: input.metadata ?? {},
  });
  return { ...limits, model: priced.model.name, seconds, size, costMicroUsd };
}
