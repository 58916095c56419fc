import { type Database, newId, transaction } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import {
  closeGate,
  findLimit,
  insertLimit,
  type LimitIdentity,
  type LimitRow,
  putInForce,
  type QuotaMetric,
  type QuotaScope,
  type QuotaWindow,
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
  /** Who changes it, for the record. */
  readonly actor?: string;
  /** The version that the change was made from; 0 where there was none. Throws `version_conflict` where that is not so any more. */
  readonly expectedVersion?: number;
}

const DEFAULT_THRESHOLDS = [50, 80, 100] as const;

/** Sets one quota; takes effect with the next create, and counts what was spent in its period before. */
export async function setQuota(
  ctx: { db: Database },
  setting: QuotaSetting,
  change: QuotaChange = {},
): Promise<LimitRow> {
  const identity = limitIdentity(setting);
  const terms = {
    hard: setting.hard,
    soft: setting.soft ?? null,
    // What is in flight comes and goes all the time.
    thresholds: [...(setting.thresholds ?? (setting.metric === 'concurrent' ? [] : DEFAULT_THRESHOLDS))],
    updatedBy: change.actor ?? null,
  };
  return await transaction(ctx.db, async (tx) => {
    await closeGate(tx);
    const found = await findLimit(tx, identity);
    expectVersion(found, change.expectedVersion);
    const limit = found
      ? await updateLimit(tx, found.id, terms)
      : await insertLimit(tx, { ...identity, ...terms, id: newId('quotaLimit') });
    await putInForce(tx, limit.id);
    return limit;
  });
}

/** What tells one limit from another; a window that is not leaky has no span. */
function limitIdentity(setting: QuotaSetting): LimitIdentity {
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

function expectVersion(found: Pick<LimitRow, 'version'> | null, expected: number | undefined): void {
  if (expected === undefined || expected === (found?.version ?? 0)) return;
  throw new ReelgateError(
    'version_conflict',
    `This quota is at version ${found?.version ?? 0} by now, not ${expected}. Look at it again before you change it.`,
  );
}
