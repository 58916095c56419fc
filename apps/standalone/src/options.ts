import { parseArgs } from 'node:util';

export interface Options {
  /** Real Redis and real S3 beside Postgres. */
  full: boolean;
  port: number | undefined;
  /** Undefined: send a sample video when there is none yet. */
  sample: boolean | undefined;
  help: boolean;
}

export const help = `Starts Reelgate on this machine: Postgres, a simulated upstream, the gateway and the worker.

Usage: npm start [-- options]

  --port N      port of the gateway (default 8080, 0 for a free one; also PORT)
  --full        Redis and S3 as well, both real: fetched from the Debian archive once, about 70 MB
  --sample      send a sample video even if there are videos already
  --no-sample   send none, not even the first time
  --help        this text

Environment, each optional:
  DATABASE_URL  a Postgres of your own
  REDIS_URL     a Redis of your own
  S3_ENDPOINT   an S3 server of your own, with S3_BUCKET, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY
  REELGATE_HOME where data, secrets and logs lie (default .reelgate)`;

/** Throws with a sentence for the user where the command line cannot be understood. */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      full: { type: 'boolean', default: false },
      port: { type: 'string' },
      sample: { type: 'boolean' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    full: values.full,
    port: values.port === undefined ? undefined : portOf(values.port),
    sample: values.sample,
    help: values.help,
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new Error(`--port needs a number from 0 to 65535, not ${JSON.stringify(text)}.`);
}
