import { setTimeout as wait } from 'node:timers/promises';
import { listAnyUpstreamAccounts, pollAccount, type WorkerContext } from '@reelgate/core';

/** How often to ask which accounts there are, in ms. */
const ACCOUNTS_MS = 30_000;
/** Between two tries to get an account's turn: a quarter of its interval, within these, in ms. */
const TRY_MS = { least: 50, most: 1_000 };

export interface Polling {
  /** Ends after the turns under way. */
  stop(): Promise<void>;
}

/**
 * Looks at what upstreams render: a loop of its own for each account, on a plain timer, so that a slow or failing upstream delays
 * no other and the queue is not needed. Which worker has the turn is decided in Postgres.
 */
export function startPolling(ctx: WorkerContext): Polling {
  const stopping = new AbortController();
  const loops = new Map<string, Promise<void>>();
  const pause = (ms: number) => wait(ms, undefined, { signal: stopping.signal }).catch(() => undefined);

  const pollLoop = async (accountId: string) => {
    while (!stopping.signal.aborted) {
      const { pollIntervalMs = 1_000 } = ctx.ports.upstreams(accountId)?.capabilities ?? {};
      try {
        // A turn that does not come to its end must not be the last one.
        const stuck = new AbortController();
        await Promise.race([
          pollAccount(ctx, accountId),
          wait(ctx.timing.stuckMs, undefined, { signal: stuck.signal }).catch(() => undefined),
        ]).finally(() => stuck.abort());
      } catch (error) {
        ctx.log.error('poll.failed', { upstream: accountId, error });
      }
      await pause(Math.min(Math.max(pollIntervalMs / 4, TRY_MS.least), TRY_MS.most));
    }
  };

  const watchAccounts = async () => {
    while (!stopping.signal.aborted) {
      try {
        for (const id of await listAnyUpstreamAccounts(ctx.db)) {
          if (!loops.has(id) && ctx.ports.upstreams(id)) loops.set(id, pollLoop(id));
        }
      } catch (error) {
        ctx.log.error('poll.accounts_unknown', { error });
      }
      await pause(loops.size === 0 ? TRY_MS.most : ACCOUNTS_MS);
    }
  };

  const watching = watchAccounts();
  return {
    async stop() {
      stopping.abort();
      await watching;
      await Promise.all(loops.values());
    },
  };
}
