import type { Database } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { listCurrentPrices, listEnabledModels, type ModelRow, type PriceRow } from './queries.ts';

/** A change of models or prices is in force at latest this long after it, in ms. */
const CACHE_MS = 5_000;

export interface PricedModel {
  readonly model: ModelRow;
  /** By size. A size without a price cannot be used. */
  readonly prices: ReadonlyMap<string, PriceRow>;
}

export interface ModelCatalogue {
  /** Throws `model_not_found`. */
  find(name: string): Promise<PricedModel>;
  list(): Promise<readonly PricedModel[]>;
}

/** Models and their prices in force, read again every five seconds at most. */
export function createModelCatalogue(deps: { db: Database }): ModelCatalogue {
  let current: { models: Promise<Map<string, PricedModel>>; until: number } | undefined;

  const load = async () => {
    const [models, prices] = await Promise.all([listEnabledModels(deps.db), listCurrentPrices(deps.db)]);
    return new Map(
      models.map((model) => [
        model.name,
        { model, prices: new Map(prices.filter((p) => p.model === model.name).map((p) => [p.size, p])) },
      ]),
    );
  };

  const models = () => {
    if (!current || current.until <= performance.now()) {
      const loading = load();
      current = { models: loading, until: performance.now() + CACHE_MS };
      loading.catch(() => {
        current = undefined;
      });
    }
    return current.models;
  };

  return {
    async find(name) {
      const found = (await models()).get(name);
      if (found) return found;
      throw modelNotFound(name);
    },
    async list() {
      return [...(await models()).values()];
    },
  };
}

export function modelNotFound(name: string): ReelgateError {
  return new ReelgateError(
    'model_not_found',
    `The model '${name}' does not exist or your key may not use it.`,
    { param: 'model' },
  );
}
