/** Quotas as code: what has to change so that there are exactly those that are wanted. */
import { type Database, transaction } from '@reelgate/db';
import type { Actor } from '../context.ts';
import { listQuotas } from './list-quotas.ts';
import type { LimitView } from './queries/index.ts';
import { limitIdentity, type QuotaSetting, removeQuota, setQuota, thresholdsOf } from './set-quota.ts';

export type QuotaStep =
  | { readonly do: 'create'; readonly after: QuotaSetting }
  | { readonly do: 'change'; readonly before: LimitView; readonly after: QuotaSetting }
  | { readonly do: 'remove'; readonly before: LimitView };

interface Context {
  readonly db: Database;
  readonly actor?: Actor;
}

/** What would change. Changes nothing. */
export async function planQuotas(ctx: Context, wanted: readonly QuotaSetting[]): Promise<QuotaStep[]> {
  const { quotas } = await listQuotas({ ...ctx, scope: 'all' }, {});
  const open = new Map(quotas.map((quota) => [nameOf(quota), quota]));
  const steps: QuotaStep[] = [];
  for (const after of wanted) {
    const before = open.get(nameOf(after));
    open.delete(nameOf(after));
    if (!before) steps.push({ do: 'create', after });
    else if (termsOf(before.hardLimit, before.soft, before.thresholds) !== wantedTerms(after))
      steps.push({ do: 'change', before, after });
  }
  return [...steps, ...[...open.values()].map((before) => ({ do: 'remove', before }) as const)];
}

/** All of it or nothing. Throws `version_conflict` where one has been changed since the plan. */
export async function applyQuotas(ctx: Context, steps: readonly QuotaStep[]): Promise<void> {
  await transaction(ctx.db, async () => {
    for (const step of steps) {
      if (step.do === 'create') await setQuota(ctx, step.after, { expectedVersion: 0 });
      else if (step.do === 'change')
        await setQuota(ctx, step.after, { expectedVersion: step.before.version });
      else await removeQuota(ctx, step.before.limitId, { expectedVersion: step.before.version });
    }
  });
}

function nameOf(quota: QuotaSetting | LimitView): string {
  const { tags, ...identity } = limitIdentity(quota);
  return JSON.stringify([Object.values(identity), Object.entries(tags).sort()]);
}

function wantedTerms(setting: QuotaSetting): string {
  return termsOf(setting.hard, setting.soft?.toString() ?? null, thresholdsOf(setting));
}

function termsOf(hard: bigint | null, soft: string | null, thresholds: readonly number[]): string {
  return JSON.stringify([hard?.toString() ?? null, soft, [...thresholds].sort((a, b) => a - b)]);
}
