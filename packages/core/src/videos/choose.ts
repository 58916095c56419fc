/** Which of a model's seconds, sizes and prices a request gets, or the precise refusal. */
import type { PricedModel } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { estimateCost, type PriceTerms } from '../quotas/index.ts';

export function chooseSeconds({ model }: PricedModel, asked: number | undefined): number {
  const seconds = asked ?? model.defaultSeconds;
  if (model.seconds.includes(seconds)) return seconds;
  throw unsupported('seconds', String(seconds), model.seconds.map(String));
}

export function chooseSize({ model }: PricedModel, asked: string | undefined): string {
  const size = asked ?? model.defaultSize;
  if (model.sizes.includes(size)) return size;
  throw unsupported('size', size, model.sizes);
}

/** An unpriced size is refused, never free. */
export function choosePrice({ model, prices }: PricedModel, size: string) {
  const price = prices.get(size);
  if (price) return price;
  throw new ReelgateError(
    'model_not_found',
    `The model '${model.name}' has no price for ${size} and cannot be used.`,
    { param: 'size' },
  );
}

/** The price of media whose size is not known: the highest, so that no more than reserved can be spent. */
export function highestPrice({ model, prices }: PricedModel, seconds: number) {
  const cost = (price: PriceTerms) => estimateCost(price, { seconds, images: 0 });
  const [highest] = [...prices.values()].sort((a, b) => (cost(a) < cost(b) ? 1 : -1));
  if (highest) return highest;
  throw new ReelgateError('model_not_found', `The model '${model.name}' has no price and cannot be used.`, {
    param: 'model',
  });
}

function unsupported(param: string, value: string, supported: readonly string[]): ReelgateError {
  const quoted = supported.map((item) => `'${item}'`);
  const last = quoted.pop();
  const values = quoted.length > 0 ? `${quoted.join(', ')} and ${last}` : last;
  return new ReelgateError('invalid_value', `Invalid value: '${value}'. Supported values are: ${values}.`, {
    param,
  });
}
