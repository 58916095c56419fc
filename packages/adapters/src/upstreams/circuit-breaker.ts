/** Over how long outcomes are counted, in ms. */
const WINDOW_MS = 30_000;
/** So many failures, and no fewer than half of all calls, open it. */
const MIN_FAILURES = 10;
/** How long it stays open at first; twice as long after each probe that fails, up to a minute. In ms. */
const OPEN_MS = { first: 5_000, most: 60_000 };

export interface CircuitBreaker {
  /** Whether a call may be made. Once the open time is over, one probe may, and others wait for what it tells. */
  allows(): boolean;
  record(worked: boolean): void;
  state(): 'closed' | 'open' | 'half_open';
}

/** Stops calls to a service that fails, so that it is not hit while it is down and nobody waits for its time-outs. */
export function createCircuitBreaker(now: () => number = () => performance.now()): CircuitBreaker {
  let calls: { at: number; worked: boolean }[] = [];
  let openUntil: number | undefined;
  let openMs = OPEN_MS.first;
  let probing = false;
  return {
    allows() {
      if (openUntil === undefined) return true;
      if (probing || now() < openUntil) return false;
      probing = true;
      return true;
    },
    record(worked) {
      if (openUntil !== undefined) {
        if (!probing) return;
        probing = false;
        if (worked) {
          openUntil = undefined;
          openMs = OPEN_MS.first;
          calls = [];
        } else {
          openMs = Math.min(openMs * 2, OPEN_MS.most);
          openUntil = now() + openMs;
        }
        return;
      }
      calls.push({ at: now(), worked });
      calls = calls.filter(({ at }) => at > now() - WINDOW_MS);
      const failures = calls.filter((call) => !call.worked).length;
      if (failures >= MIN_FAILURES && failures * 2 >= calls.length) openUntil = now() + openMs;
    },
    state: () => (openUntil === undefined ? 'closed' : probing || now() >= openUntil ? 'half_open' : 'open'),
  };
}
