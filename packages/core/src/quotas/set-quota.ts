import { type Database, newId, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR } from '../context.ts';
import { checkVersion, ReelgateError } from '../errors.ts';
import {
  closeGate,
  findLimit,
  findLimitById,
  findScopeName,
  insertLimit,
  type LimitIdentity,
  type LimitRow,
  putInForce,
  type QuotaMetric,
  type QuotaScope,
  type QuotaWindow,
  retireLimit,
  updateLimit,
} from './queries/index.ts';

export interface QuotaSetting {
  readonly scopeKind: QuotaScope;
  readonly scopeId: string;
  readonly metric: QuotaMetric;
  /** `none`: for ever. `leaky`: as much as `hard`, given back evenly over `spanSeconds`. */
  readonly window: QuotaWindow;
  readonly spanSeconds?: number;
  /** Counts only videos of this model. */
  readonly model?: string | null;
  /** Counts only videos that have all of these labels. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Micro-US-dollars, seconds or videos; null only counts. */
  readonly hard: bigint | null;
  /** Is told when it is passed, and refuses nothing. */
  readonly soft?: bigint | null;
  /** Per cent of the hard limit at which the team is told, or of the soft one where that is all there is. */
  readonly thresholds?: readonly number[];
}

export interface QuotaChange {
  /** The version that the change was made from; 0 where there was none. Throws `version_conflict` where that is not so any more. */
  readonly expectedVersion?: number | undefined;
}

const DEFAULT_THRESHOLDS = [50, 80, 100] as const;

/** Sets one quota; takes effect with the next create, and counts what was spent in its period before. */
export async function setQuota(
  ctx: { db: Database; actor?: Actor },
  setting: QuotaSetting,
  change: QuotaChange = {},
): Promise<LimitRow> {
  const actor = ctx.actor ?? SYSTEM_ACTOR;
  const identity = limitIdentity(setting);
  const terms = {
    hard: setting.hard,
    soft: setting.soft ?? null,
    thresholds: [...thresholdsOf(setting)],
    updatedBy: actor.id,
  };
  return await transaction(ctx.db, async (tx) => {
    const owner = await findScopeName(tx, setting);
    if (!owner) throw quotaNotFound(setting.scopeId);
    await closeGate(tx);
    const found = await findLimit(tx, identity);
    checkVersion(found?.version ?? 0, change.expectedVersion);
    const limit = found
      ? await updateLimit(tx, found.id, terms)
      : await insertLimit(tx, { ...identity, ...terms, id: newId('quotaLimit') });
    await putInForce(tx, limit.id);
    await recordAudit(tx, actor, {
      action: found ? 'quota.update' : 'quota.create',
      target: limit.id,
      teamId: owner.teamId,
      before: found && termsOf(found),
      after: { ...identity, ...termsOf(limit) },
    });
    return limit;
  });
}

/** Takes a limit away: it counts nothing any more, and what it has counted stays in the ledger. */
export async function removeQuota(
  ctx: { db: Database; actor?: Actor },
  id: string,
  change: QuotaChange = {},
): Promise<void> {
  await transaction(ctx.db, async (tx) => {
    await closeGate(tx);
    const found = await findLimitById(tx, id);
    if (!found) throw quotaNotFound(id);
    checkVersion(found.version, change.expectedVersion);
    const owner = await findScopeName(tx, found);
    await retireLimit(tx, id);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: 'quota.delete',
      target: id,
      teamId: owner?.teamId ?? null,
      before: { ...limitIdentity(found), ...termsOf(found) },
    });
  });
}

function termsOf({ hard, soft, thresholds, version }: LimitRow): Record<string, unknown> {
  return { hard, soft, thresholds, version };
}

export function quotaNotFound(id: string): ReelgateError {
  return new ReelgateError('not_found', `Nothing with id '${id.slice(0, 80)}' found.`);
}

/** Where nothing is said, at 50, 80 and 100 %; not of what is in flight, which comes and goes all the time. */
export function thresholdsOf({ metric, thresholds }: QuotaSetting): readonly number[] {
  return thresholds ?? (metric === 'concurrent' ? [] : DEFAULT_THRESHOLDS);
}

/** What tells one limit from another; a window that is not leaky has no span. */
export function limitIdentity(
  setting: Pick<
    QuotaSetting,
    'scopeKind' | 'scopeId' | 'metric' | 'window' | 'spanSeconds' | 'model' | 'tags'
  >,
): LimitIdentity {
  const { scopeKind, scopeId, metric, window } = setting;
  return {
    scopeKind,
    scopeId,
    metric,
    window,
    spanSeconds: window === 'leaky' ? (setting.spanSeconds ?? 86_400) : 0,
    model: setting.model ?? null,
    tags: { ...setting.tags },
  };
}
