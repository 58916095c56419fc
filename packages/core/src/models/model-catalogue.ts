import type { Database } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import {
  findTestUpstream,
  listCurrentPrices,
  listEnabledModels,
  type ModelRow,
  type PriceRow,
} from './queries.ts';

/** A change of models or prices is in force at latest this long after it, in ms. */
const CACHE_MS = 5_000;

export interface PricedModel {
  readonly model: ModelRow;
  /** By size. A size without a price cannot be used. */
  readonly prices: ReadonlyMap<string, PriceRow>;
  /** Whether its upstream takes new work. */
  readonly open: boolean;
}

export interface ModelCatalogue {
  /** Throws `model_not_found`, and `service_unavailable` where its upstream takes no new work at the moment. */
  find(name: string): Promise<PricedModel>;
  list(): Promise<readonly PricedModel[]>;
  /** The upstream that makes the videos of test keys; null where there is none. */
  testUpstream(): Promise<string | null>;
}

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
      if (found.open) return found;
      throw new ReelgateError(
        'service_unavailable',
        `The model '${name}' takes no new videos at the moment.`,
        {
          retryAfterSeconds: 300,
          param: 'model',
        },
      );
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
