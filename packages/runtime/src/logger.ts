import { type DestinationStream, pino } from 'pino';
import { describeError } from './describe-error.ts';
import { maskSecrets } from './mask-secrets.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

type Scalar = string | number | bigint | boolean | null | undefined;
type Suffix = (typeof suffixes)[number];

/**
 * What may be logged: a flat record of names known to be free of prompts, keys and other secrets. A name is known by
 * itself or by its ending (`videoId`, `waitMs`, `priceMicroUsd`). Anything else does not compile, and is dropped if it
 * comes in through a cast. `error` takes any thrown value and is reduced to what is safe, see `describeError`.
 */
export type LogFields = { readonly [name in (typeof names)[number]]?: Scalar } & {
  readonly [name in `${string}${Suffix}`]?: Scalar | readonly string[];
} & { readonly error?: unknown };

export interface Logger {
  /** `event` is a constant in the form `subject.what_happened`, never built from data. */
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A logger that puts `fields` on every line. */
  child(fields: LogFields): Logger;
}

const suffixes = [
  'Id',
  'Ids',
  'Ms',
  'Seconds',
  'Bytes',
  'At',
  'MicroUsd',
  'Count',
  'Code',
  'Status',
  'State',
  'Kind',
  'Epoch',
  'Attempt',
] as const;

const names = [
  'action',
  'address',
  'attempt',
  'backend',
  'bucket',
  'check',
  'count',
  'decision',
  'host',
  'job',
  'kind',
  'method',
  'model',
  'operation',
  'outcome',
  'phase',
  'pid',
  'port',
  'process',
  'queue',
  'reason',
  'replayed',
  'retryable',
  'route',
  'seconds',
  'signal',
  'size',
  'state',
  'status',
  'store',
  'upstream',
  'variant',
  'version',
] as const;

const knownNames: ReadonlySet<string> = new Set(names);
/** Long enough for any id or reason; a value beyond it is data that does not belong in a log. */
const maxLength = 500;

/** One JSON object a line, written synchronously so that nothing is lost when the process exits. */
export function createLogger(options: {
  service: string;
  level?: LogLevel;
  destination?: DestinationStream;
}): Logger {
  const { service, level = 'info', destination = pino.destination({ fd: 1, sync: true }) } = options;
  const root = pino(
    {
      level,
      base: { service },
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Behind the allow-list, in case a library is ever handed this instance.
      redact: ['authorization', 'cookie', '*.authorization', '*.cookie', 'password', '*.password'],
    },
    destination,
  );

  const over = (instance: typeof root): Logger => ({
    debug: (event, fields) => instance.debug(allowed(fields), event),
    info: (event, fields) => instance.info(allowed(fields), event),
    warn: (event, fields) => instance.warn(allowed(fields), event),
    error: (event, fields) => instance.error(allowed(fields), event),
    child: (fields) => over(instance.child(allowed(fields))),
  });
  return over(root);
}

function allowed(fields: LogFields = {}): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'error') {
      if (value !== undefined) line.error = describeError(value);
    } else if (knownNames.has(name) || suffixes.some((suffix) => name.endsWith(suffix))) {
      line[name] = printable(value);
    } else {
      dropped.push(name);
    }
  }
  if (dropped.length > 0) line.droppedFields = dropped;
  return line;
}

function printable(value: unknown): unknown {
  if (typeof value === 'string') return maskSecrets(value.slice(0, maxLength));
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => printable(String(item)));
  return typeof value === 'object' && value !== null ? '[object]' : value;
}
