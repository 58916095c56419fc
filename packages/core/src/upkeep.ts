import type { WorkerContext } from './context.ts';
import { checkLedgerInTurn } from './quotas/index.ts';
import {
  applyRetention,
  checkStoredObjects,
  collectGarbage,
  drainLifeboat,
  eraseUpstreamCopies,
  forgetHooks,
  listAnyUpstreamAccounts,
  surveyAccount,
  sweepSpool,
  takeAnyUpkeepTurn,
  watchVideos,
} from './videos/index.ts';
import { forgetOldEvents } from './webhooks/index.ts';

interface Upkeep {
  readonly everyMs: number;
  /** Of each worker's own volume: every one has its own turn. */
  readonly perVolume?: true;
  /** Resolves to how much there was to do. */
  readonly run: (ctx: WorkerContext) => Promise<number>;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** A webhook is older than its signature may be long before this. */
const HOOKS_KEPT_MS = HOUR;

const UPKEEP: Readonly<Record<string, Upkeep>> = {
  'drain-lifeboat': { everyMs: 10 * SECOND, run: drainLifeboat },
  'watch-videos': { everyMs: 15 * SECOND, run: watchVideos },
  'erase-upstream-copies': { everyMs: 30 * SECOND, run: eraseUpstreamCopies },
  'apply-retention': { everyMs: 5 * MINUTE, run: applyRetention },
  'forget-hooks': { everyMs: 10 * MINUTE, run: (ctx) => forgetHooks(ctx.db, HOOKS_KEPT_MS) },
  'survey-accounts': { everyMs: HOUR, run: surveyAccounts },
  'collect-garbage': { everyMs: HOUR, run: collectGarbage },
  'check-stored-objects': { everyMs: HOUR, run: (ctx) => checkStoredObjects(ctx) },
  'check-ledger': { everyMs: HOUR, run: (ctx) => checkLedgerInTurn(ctx) },
  'sweep-spool': { everyMs: 10 * MINUTE, perVolume: true, run: (ctx) => sweepSpool(ctx) },
  'forget-events': { everyMs: HOUR, run: forgetOldEvents },
};

async function surveyAccounts(ctx: WorkerContext): Promise<number> {
  let pages = 0;
  for (const accountId of await listAnyUpstreamAccounts(ctx.db)) pages += await surveyAccount(ctx, accountId);
  return pages;
}

export const UPKEEP_NAMES = Object.keys(UPKEEP);

/** Does one kind of upkeep where it is time and no other worker has done it. What it leaves undone, the next turn finds. */
export async function keepUp(ctx: WorkerContext, name: string): Promise<void> {
  const upkeep = UPKEEP[name];
  if (!upkeep) return;
  const volumeId = ctx.ports.spool?.volumeId;
  if (upkeep.perVolume && volumeId === undefined) return;
  const turn = upkeep.perVolume ? `${name} ${volumeId}` : name;
  if (!(await takeAnyUpkeepTurn(ctx.db, turn, upkeep.everyMs))) return;
  const startedAt = performance.now();
  const count = await upkeep.run(ctx);
  if (count > 0) {
    ctx.log.info('upkeep.done', { job: name, count, durationMs: Math.round(performance.now() - startedAt) });
  }
}
