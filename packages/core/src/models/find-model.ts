import type { schema } from '@reelgate/db';
import { closedUpstream } from '../closed-upstream.ts';
import type { CallerContext, PricedModel } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { modelNotFound } from './model-catalogue.ts';

type Price = typeof schema.prices.$inferSelect;
type Caller = Pick<CallerContext, 'models' | 'principal'>;

/**
 * A model that the caller may use, at the upstream and the prices that are the caller's. Throws `model_not_found`, the same for
 * one that is not there and one that is not theirs.
 */
export async function findModel(ctx: Caller, name: string): Promise<PricedModel> {
  if (!mayUse(ctx, name)) throw modelNotFound(name);
  const priced = await ctx.models.find(name);
  return ctx.principal.isTest ? forTests(priced, await testUpstream(ctx)) : priced;
}

/** One whose upstream takes new work. Throws `service_unavailable` besides, where it takes none at the moment. */
export async function findOpenModel(ctx: Caller, name: string): Promise<PricedModel> {
  const priced = await findModel(ctx, name);
  if (!priced.open) throw closedUpstream();
  return priced;
}

/** Every model that the caller may use. */
export async function listModels(ctx: Caller): Promise<readonly PricedModel[]> {
  const priced = (await ctx.models.list()).filter(({ model }) => mayUse(ctx, model.name));
  if (!ctx.principal.isTest) return priced;
  const upstream = await testUpstream(ctx);
  return priced.map((each) => forTests(each, upstream));
}

function mayUse({ principal }: Caller, name: string): boolean {
  return principal.models === null || principal.models.includes(name);
}

async function testUpstream(ctx: Caller): Promise<string> {
  const upstream = await ctx.models.testUpstream();
  if (upstream !== null) return upstream;
  throw new ReelgateError(
    'unsupported_operation',
    'There is no upstream for test keys here. Ask an administrator of Reelgate to mark one with `test: true`, or for a live key.',
  );
}

/** Every term that a price has. */
const FREE: Readonly<Record<Extract<keyof Price, `${string}MicroUsd`>, bigint>> = {
  perSecondMicroUsd: 0n,
  perImageMicroUsd: 0n,
  perVideoMicroUsd: 0n,
  minimumMicroUsd: 0n,
};

/** The same seconds and sizes as the real one, made elsewhere and for nothing. Tests are told the public name. */
function forTests({ model, prices }: PricedModel, upstreamAccountId: string): PricedModel {
  return {
    model: { ...model, upstreamAccountId, upstreamModel: model.name },
    open: true,
    prices: new Map([...prices].map(([size, price]) => [size, { ...price, ...FREE }])),
  };
}
