import type { Price } from '@reelgate/contract/admin';
import { listMissingPrices, listPrices, type PricedRow, setPrice } from '@reelgate/core';
import { money, page, pageRequest, time, timeOrNull } from '../../admin/answers.ts';
import type { AdminHandlers } from '../../admin/handler.ts';

export const priceHandlers = {
  async listPrices({ ctx, query }) {
    const { after, limit } = pageRequest(query);
    const prices = await listPrices(ctx, { model: query.model, state: query.state });
    const from = after === null ? 0 : prices.findIndex((price) => price.id === after) + 1;
    const shown = prices.slice(from, from + limit);
    return page(shown.map(serializePrice), from + limit < prices.length, prices.length);
  },
  async createPrice({ ctx, body }) {
    const optional = (digits: string | undefined) => (digits === undefined ? undefined : BigInt(digits));
    return serializePrice(
      await setPrice(ctx, {
        model: body.model,
        size: body.size,
        perSecondMicroUsd: BigInt(body.per_second_micro_usd),
        perImageMicroUsd: optional(body.per_image_micro_usd),
        perVideoMicroUsd: optional(body.per_video_micro_usd),
        minimumMicroUsd: optional(body.minimum_micro_usd),
        validFrom: body.valid_from === undefined ? undefined : new Date(body.valid_from),
      }),
    );
  },
  async getPriceCoverage({ ctx }) {
    const missing = await listMissingPrices(ctx);
    return { object: 'price_coverage' as const, complete: missing.length === 0, missing };
  },
} satisfies AdminHandlers;

function serializePrice(price: PricedRow): Price {
  return {
    id: price.id,
    object: 'price',
    model: price.model,
    size: price.size,
    per_second_micro_usd: money(price.perSecondMicroUsd),
    per_image_micro_usd: money(price.perImageMicroUsd),
    per_video_micro_usd: money(price.perVideoMicroUsd),
    minimum_micro_usd: money(price.minimumMicroUsd),
    valid_from: time(price.validFrom),
    valid_until: timeOrNull(price.validUntil),
    state: price.state,
  };
}
