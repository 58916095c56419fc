import { type Database, newId, transaction } from '@reelgate/db';
import { type QuotaMetric, upsertQuotaLimit } from './queries.ts';

export interface QuotaSetting {
  readonly scopeKind: 'org' | 'team' | 'key';
  readonly scopeId: string;
  readonly metric: QuotaMetric;
  readonly window: 'month' | 'day' | 'none';
  /** Micro-US-dollars, seconds or videos; null only counts. */
  readonly hard: bigint | null;
  /** IANA zone in which days and months begin; for a new limit UTC, else as it was. */
  readonly timeZone?: string;
}

/** Sets one quota; takes effect with the next create. */
export async function setQuota(ctx: { db: Database }, setting: QuotaSetting): Promise<void> {
  await transaction(ctx.db, async (tx) => {
    await upsertQuotaLimit(tx, { ...setting, timeZone: setting.timeZone, id: newId('quotaLimit') });
  });
}
