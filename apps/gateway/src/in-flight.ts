/** Work that must come to its end before the process may stop, even where nobody waits for it any more. */
export interface InFlight {
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves once there is none. */
  settled(): Promise<void>;
}

export function createInFlight(): InFlight {
  const running = new Set<Promise<unknown>>();
  return {
    track(work) {
      running.add(work);
      const done = () => void running.delete(work);
      work.then(done, done);
      return work;
    },
    async settled() {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}
