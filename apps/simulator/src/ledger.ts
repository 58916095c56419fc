import type { Operation } from './rules.ts';

export interface LogEntry {
  /** RFC 3339. */
  readonly at: string;
  readonly request_id: string;
  readonly operation: Operation;
  /** Or a character's or a model's id. */
  readonly video_id: string | null;
  /** `answered`, or what was done to the connection instead. */
  readonly outcome: 'answered' | 'refused' | 'dropped' | 'rst' | 'fin' | 'hang' | 'cut' | 'aborted';
  /** Null if no status line was sent. */
  readonly status: number | null;
  /** Body bytes sent; for JSON, zero. */
  readonly bytes: number;
}

/** What happened at the door: counted for ever, kept in full for the last few thousand requests. */
export interface Ledger {
  record(entry: LogEntry): void;
  report(): {
    creates: number;
    refused: number;
    bytesServed: number;
    counts: Record<string, number>;
    log: readonly LogEntry[];
  };
  /** A video was made, in whatever way and whatever became of the answer. */
  created(): void;
  clear(): void;
}

const LOG_LENGTH = 5000;

export function createLedger(): Ledger {
  let log: LogEntry[] = [];
  let counts: Record<string, number> = {};
  let [creates, refused, bytesServed] = [0, 0, 0];
  return {
    record(entry) {
      log.push(entry);
      if (log.length > 2 * LOG_LENGTH) log = log.slice(-LOG_LENGTH);
      counts[entry.operation] = (counts[entry.operation] ?? 0) + 1;
      if (entry.outcome === 'refused') refused++;
      bytesServed += entry.bytes;
    },
    report: () => ({ creates, refused, bytesServed, counts: { ...counts }, log: log.slice(-LOG_LENGTH) }),
    created() {
      creates++;
    },
    clear() {
      log = [];
      counts = {};
      [creates, refused, bytesServed] = [0, 0, 0];
    },
  };
}
