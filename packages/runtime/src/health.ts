import type { Logger } from './logger.ts';

export interface HealthReport {
  ok: boolean;
  /** Names of the failing checks only: the answer is public, reasons go to the log. */
  failing: string[];
}

export interface Health {
  /** The process runs and answers. Never looks at a dependency: restarting us would not mend it. */
  live(): HealthReport;
  ready(): Promise<HealthReport>;
  /** From now on not ready, so that load balancers stop sending work before the listener closes. */
  drain(): void;
}

/** A check passes by resolving. One that has not settled after `timeoutMs` counts as failing. */
export function createHealth(options: {
  checks: Readonly<Record<string, () => Promise<void>>>;
  timeoutMs?: number;
  log?: Logger;
}): Health {
  const { checks, timeoutMs = 2_000, log } = options;
  // A check still under way is shared, so that probes cannot pile up work on a dependency that hangs.
  const underWay = new Map<string, Promise<void>>();
  let draining = false;

  async function passes(name: string, check: () => Promise<void>): Promise<boolean> {
    let running = underWay.get(name);
    if (running === undefined) {
      running = (async () => check())().finally(() => underWay.delete(name));
      underWay.set(name, running);
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      await Promise.race([running, late]);
      return true;
    } catch (error) {
      log?.warn('health.check_failed', { check: name, error });
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    live: () => ({ ok: true, failing: [] }),
    async ready() {
      if (draining) return { ok: false, failing: ['draining'] };
      const names = Object.keys(checks);
      const passed = await Promise.all(Object.entries(checks).map(([name, check]) => passes(name, check)));
      const failing = names.filter((_, index) => passed[index] === false);
      if (draining) failing.push('draining');
      return { ok: failing.length === 0, failing };
    },
    drain() {
      draining = true;
    },
  };
}
