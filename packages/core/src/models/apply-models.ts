import { type Database, newId, transaction } from '@reelgate/db';
import {
  disableOtherModels,
  insertPrice,
  listLastPrices,
  unmarkOtherUpstreams,
  upsertModel,
  upsertUpstreamAccount,
} from './queries.ts';

export interface UpstreamDefinition {
  readonly name: string;
  readonly kind: string;
  readonly baseUrl: string;
  /** Name of the environment variable that holds the credential. */
  readonly apiKeyEnv?: string | undefined;
  readonly capabilities?: Record<string, unknown> | undefined;
  /** Makes the videos of test keys. */
  readonly test?: boolean | undefined;
}

export interface ModelDefinition {
  readonly name: string;
  readonly upstream: string;
  readonly upstreamModel: string;
  readonly seconds: readonly number[];
  readonly sizes: readonly string[];
  readonly defaultSeconds: number;
  readonly defaultSize: string;
  /** Micro-US-dollars per second, by size. */
  readonly pricePerSecondMicroUsd: Readonly<Record<string, bigint>>;
}

/**
 * Makes the tables say what the configuration says. A changed price is a new row from now on, where nobody has set another one since;
 * nothing is removed. Safe to repeat.
 */
export async function applyModels(
  ctx: { db: Database },
  input: { upstreams: readonly UpstreamDefinition[]; models: readonly ModelDefinition[] },
): Promise<void> {
  await transaction(ctx.db, async (tx) => {
    for (const upstream of input.upstreams) {
      await upsertUpstreamAccount(tx, {
        id: upstream.name,
        kind: upstream.kind,
        baseUrl: upstream.baseUrl,
        secretRef: upstream.apiKeyEnv ?? null,
        capabilities: upstream.capabilities ?? {},
        isTest: upstream.test ?? false,
      });
    }
    await unmarkOtherUpstreams(
      tx,
      input.upstreams.map((upstream) => upstream.name),
    );
    for (const model of input.models) {
      await upsertModel(tx, {
        name: model.name,
        upstreamAccountId: model.upstream,
        upstreamModel: model.upstreamModel,
        seconds: [...model.seconds],
        sizes: [...model.sizes],
        defaultSeconds: model.defaultSeconds,
        defaultSize: model.defaultSize,
      });
    }
    await disableOtherModels(
      tx,
      input.models.map((model) => model.name),
    );
    const current = await listLastPrices(tx);
    for (const model of input.models) {
      for (const [size, perSecondMicroUsd] of Object.entries(model.pricePerSecondMicroUsd)) {
        const known = current.find((price) => price.model === model.name && price.size === size);
        if (known && (known.setBy !== null || known.perSecondMicroUsd === perSecondMicroUsd)) continue;
        await insertPrice(tx, { id: newId('price'), model: model.name, size, perSecondMicroUsd });
      }
    }
  });
}
