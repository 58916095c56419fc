import type { Logger } from './logger.ts';

export interface Shutdown {
  /** Registers how to undo something just started. Phases run last in, first out; each has `timeoutMs` at most. */
  add(phase: string, stop: () => Promise<void> | void, timeoutMs: number): void;
  /** Stops everything and exits: 0 when every phase was clean, 1 otherwise. Later calls join the first. */
  run(reason: string): Promise<never>;
}

/** What of `process` is used, so that the only one who ends this process in a test is the test. */
export type ShutdownProcess = Pick<NodeJS.Process, 'on' | 'exit' | 'connected'>;

const signalNumbers = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Takes over SIGTERM, SIGINT, the end of a parent's IPC channel, and uncaught exceptions. A second signal exits at once
 * with 128 + its number. Signals less than `repeatMs` after the first are its echo, not an operator's impatience: a
 * terminal sends Ctrl-C to the whole process group and npm passes it on again.
 */
export function createShutdown(options: {
  log: Logger;
  process?: ShutdownProcess;
  repeatMs?: number;
}): Shutdown {
  const { log, process = globalThis.process, repeatMs = 250 } = options;
  const phases: { name: string; stop: () => Promise<void> | void; timeoutMs: number }[] = [];
  let stopping: Promise<never> | undefined;
  let firstSignalAt: number | undefined;

  async function stopAll(reason: string): Promise<never> {
    const startedAt = performance.now();
    log.info('shutdown.started', { reason });
    let clean = true;
    // Popped one by one, so that a phase registered meanwhile (a start that raced the signal) is undone as well.
    for (let phase = phases.pop(); phase !== undefined; phase = phases.pop()) {
      clean = (await stopOne(log, phase)) && clean;
    }
    log.info('shutdown.finished', {
      outcome: clean ? 'clean' : 'failed',
      durationMs: elapsedMs(startedAt),
    });
    // Whatever handles remain: a process that was told to stop must not linger.
    return process.exit(clean ? 0 : 1);
  }

  function run(reason: string): Promise<never> {
    stopping ??= stopAll(reason);
    return stopping;
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (firstSignalAt !== undefined && now - firstSignalAt >= repeatMs) {
        log.warn('shutdown.forced', { signal });
        process.exit(128 + signalNumbers[signal]);
      }
      firstSignalAt ??= now;
      void run(signal);
    });
  }
  // Our parent is gone or has closed the channel: nobody is left to stop us later.
  if (process.connected) process.on('disconnect', () => void run('parent disconnected'));
  // Recovery is the same as after a kill, so nothing is gained by a clean-up in an unknown state. Handled here because
  // Node would print the whole error, and an error can quote what must not be logged.
  process.on('uncaughtException', (error) => {
    log.error('process.crashed', { error });
    process.exit(1);
  });

  return {
    add: (name, stop, timeoutMs) => phases.push({ name, stop, timeoutMs }),
    run,
  };
}

async function stopOne(
  log: Logger,
  phase: { name: string; stop: () => Promise<void> | void; timeoutMs: number },
): Promise<boolean> {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${phase.timeoutMs} ms`)), phase.timeoutMs);
  });
  try {
    await Promise.race([(async () => phase.stop())(), late]);
    log.debug('shutdown.phase_done', { phase: phase.name, durationMs: elapsedMs(startedAt) });
    return true;
  } catch (error) {
    log.error('shutdown.phase_failed', { phase: phase.name, durationMs: elapsedMs(startedAt), error });
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function elapsedMs(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
