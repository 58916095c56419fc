import type { CallerContext } from '../context.ts';
import { modelNotFound, type PricedModel } from './model-catalogue.ts';

type Caller = Pick<CallerContext, 'models' | 'principal'>;

/** A model that the caller may use. Throws `model_not_found`, the same for one that is not there and one that is not theirs. */
export async function findModel(ctx: Caller, name: string): Promise<PricedModel> {
  if (!mayUse(ctx, name)) throw modelNotFound(name);
  return await ctx.models.find(name);
}

/** Every model that the caller may use. */
export async function listModels(ctx: Caller): Promise<readonly PricedModel[]> {
  return (await ctx.models.list()).filter(({ model }) => mayUse(ctx, model.name));
}

function mayUse({ principal }: Caller, name: string): boolean {
  return principal.models === null || principal.models.includes(name);
}
