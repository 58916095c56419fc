import type { Database } from '@reelgate/db';
import type { ModelCatalogue, PricedModel } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { findTestUpstream, listCurrentPrices, listEnabledModels } from './queries.ts';

/** A change of models or prices is in force at latest this long after it, in ms. */
const CACHE_MS = 5_000;

interface Catalogue {
  readonly models: ReadonlyMap<string, PricedModel>;
  readonly testUpstream: string | null;
}

/** Models and their prices in force, read again every five seconds at most. */
export function createModelCatalogue(deps: { db: Database }): ModelCatalogue {
  let current: { catalogue: Promise<Catalogue>; until: number } | undefined;

  const load = async (): Promise<Catalogue> => {
    const [models, prices, testUpstream] = await Promise.all([
      listEnabledModels(deps.db),
      listCurrentPrices(deps.db),
      findTestUpstream(deps.db),
    ]);
    const priced = models.map(({ model, intake }): [string, PricedModel] => [
      model.name,
      {
        model,
        prices: new Map(prices.filter((p) => p.model === model.name).map((p) => [p.size, p])),
        open: intake === 'open',
      },
    ]);
    return { models: new Map(priced), testUpstream };
  };

  const catalogue = () => {
    if (!current || current.until <= performance.now()) {
      const loading = load();
      current = { catalogue: loading, until: performance.now() + CACHE_MS };
      loading.catch(() => {
        current = undefined;
      });
    }
    return current.catalogue;
  };

  return {
    async find(name) {
      const found = (await catalogue()).models.get(name);
      if (!found) throw modelNotFound(name);
      return found;
    },
    async list() {
      return [...(await catalogue()).models.values()];
    },
    async testUpstream() {
      return (await catalogue()).testUpstream;
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
