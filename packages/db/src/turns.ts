const MAX_WAITING_PER_OWNER = 1_000;

/** Called with an error where the turn did not come, and otherwise with how to end it. */
type Begin = (error: Error | null, leave: () => void) => void;

export interface Turns {
  /** Whoever is nobody (null) shares with others that are, without a bound of their own. */
  enter(owner: string | null, begin: Begin): void;
}

interface Waiter {
  readonly begin: Begin;
  readonly timer: NodeJS.Timeout;
}

interface Owner {
  active: number;
  readonly waiters: Waiter[];
}

/** So many at once; of each owner so many. When one leaves, the owner who has fewest is next, and of those who waits longest. */
export function createTurns(options: { total: number; perOwner: number; waitMs: number }): Turns {
  const { total, perOwner, waitMs } = options;
  /** Those who have or want a turn. A waiting one is put behind the others when it gets one. */
  const owners = new Map<string | null, Owner>();
  let active = 0;

  const mayBegin = (name: string | null, owner: Owner) =>
    active < total && (name === null || owner.active < perOwner);

  function start(name: string | null, owner: Owner, begin: Begin): void {
    active++;
    owner.active++;
    let left = false;
    begin(null, () => {
      if (left) return;
      left = true;
      active--;
      owner.active--;
      if (owner.active === 0 && owner.waiters.length === 0) owners.delete(name);
      next();
    });
  }

  function next(): void {
    let best: [string | null, Owner] | undefined;
    for (const [name, owner] of owners) {
      if (owner.waiters.length === 0 || !mayBegin(name, owner)) continue;
      if (!best || owner.active < best[1].active) best = [name, owner];
    }
    if (!best) return;
    const [name, owner] = best;
    const waiter = owner.waiters.shift();
    if (!waiter) return;
    clearTimeout(waiter.timer);
    owners.delete(name);
    owners.set(name, owner);
    start(name, owner, waiter.begin);
  }

  return {
    enter(name, begin) {
      const owner = owners.get(name) ?? { active: 0, waiters: [] };
      owners.set(name, owner);
      if (owner.waiters.length === 0 && mayBegin(name, owner)) return start(name, owner, begin);
      if (owner.waiters.length >= MAX_WAITING_PER_OWNER) return begin(tooBusy(), () => {});
      const timer = setTimeout(() => {
        owner.waiters.splice(owner.waiters.indexOf(waiter), 1);
        if (owner.active === 0 && owner.waiters.length === 0) owners.delete(name);
        begin(tooBusy(), () => {});
      }, waitMs);
      const waiter: Waiter = { begin, timer };
      owner.waiters.push(waiter);
    },
  };
}

/** The words of the pool's own time-out: nothing was begun. */
function tooBusy(): Error {
  return new Error('timeout exceeded when trying to connect');
}
