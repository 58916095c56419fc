import type { Log } from '@reelgate/core/ports';

/** Milliseconds in which errors of one kind make one line. */
const WINDOW_MS = 10_000;

export type ErrorLog = (error: unknown) => void;

/**
 * A lost connection can raise thousands of errors a second. The first of each kind is logged at once; those that follow
 * within the window are only counted, and the next line tells how many (`suppressed`).
 */
export function createErrorLog(log: Log, event: string, now: () => number = Date.now): ErrorLog {
  const kinds = new Map<string, { loggedAt: number; suppressed: number }>();
  return (error) => {
    const { name, code, message } = describeError(error);
    const kind = code ?? name;
    const seen = kinds.get(kind);
    if (seen && now() - seen.loggedAt < WINDOW_MS) {
      seen.suppressed += 1;
      return;
    }
    log.warn(event, { error: name, code, message, suppressed: seen?.suppressed ?? 0 });
    kinds.set(kind, { loggedAt: now(), suppressed: 0 });
  };
}

export function describeError(error: unknown): { name: string; code: string | undefined; message: string } {
  if (!(error instanceof Error)) return { name: typeof error, code: undefined, message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name: error.name, code, message: error.message.slice(0, 500) };
}
