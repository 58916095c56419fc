import type { AdminContext } from '../context.ts';
import { listMissingPrices } from '../models/index.ts';
import { type AnyModel, listModelsWithUse } from './queries/models.ts';

export interface ModelOverview extends AnyModel {
  /** Refused until somebody sets a price. */
  readonly unpricedSizes: readonly string[];
}

/** Every model that the configuration has or had, for those who administer: with its use by the teams that they see. */
export async function listAllModels(ctx: Pick<AdminContext, 'db' | 'scope'>): Promise<ModelOverview[]> {
  const models = await listModelsWithUse(ctx.db, ctx.scope);
  const missing = await listMissingPrices(ctx);
  return models.map((model) => ({
    ...model,
    unpricedSizes: missing.filter((one) => one.model === model.name).map(({ size }) => size),
  }));
}
