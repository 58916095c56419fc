import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { variable } from './env.ts';

/** The variables that every server process reads: spread into the schema of its `env.ts`. */
export const serverVariables = {
  DATABASE_URL: variable
    .url('postgres', 'postgresql')
    .meta({ secret: true })
    .describe('Postgres, where everything is recorded.'),
  DATABASE_CONNECTIONS: variable
    .integer({ min: 2, max: 1_000 })
    .default(20)
    .describe('Most connections of this process to Postgres.'),
  REDIS_URL: variable
    .url('redis', 'rediss')
    .meta({ secret: true })
    .optional()
    .describe('Redis, for the job queue. Unset: the queue lives in Postgres.'),
  S3_BUCKET: variable
    .text()
    .optional()
    .describe('Bucket for finished videos. Exactly one of S3_BUCKET and OBJECTS_DIRECTORY must be set.'),
  S3_ENDPOINT: variable
    .url('http', 'https')
    .optional()
    .describe("URL of the S3 server. Unset: Amazon's own, by region."),
  S3_REGION: variable.text().default('us-east-1').describe('Region of the bucket.'),
  S3_ACCESS_KEY_ID: variable
    .text()
    .optional()
    .describe("Access key of the S3 account. Unset: the machine's own role."),
  S3_SECRET_ACCESS_KEY: variable.secret().optional().describe('Secret that belongs to S3_ACCESS_KEY_ID.'),
  OBJECTS_DIRECTORY: variable
    .text()
    .optional()
    .describe('Directory for finished videos, for one machine without S3.'),
  S3_FALLBACK_BUCKET: variable
    .text()
    .optional()
    .describe(
      'Second bucket, for videos that finish while the first cannot take them. Best with another provider.',
    ),
  S3_FALLBACK_ENDPOINT: variable
    .url('http', 'https')
    .optional()
    .describe('As S3_ENDPOINT, of the second bucket.'),
  S3_FALLBACK_REGION: variable.text().default('us-east-1').describe('As S3_REGION, of the second bucket.'),
  S3_FALLBACK_ACCESS_KEY_ID: variable
    .text()
    .optional()
    .describe('As S3_ACCESS_KEY_ID, of the second bucket.'),
  S3_FALLBACK_SECRET_ACCESS_KEY: variable
    .secret()
    .optional()
    .describe('As S3_SECRET_ACCESS_KEY, of the second bucket.'),
  OBJECTS_FALLBACK_DIRECTORY: variable
    .text()
    .optional()
    .describe(
      'Second directory on another volume, instead of a second bucket; gateways and workers must share it.',
    ),
  PUBLIC_URL: variable
    .url('http', 'https')
    .optional()
    .describe('Where callers reach the gateway; used in links. Unset: http://localhost with the port.'),
  REELGATE_CONFIG: variable.text().describe('Path of the YAML file that lists upstreams and models.'),
  REELGATE_SECRET_KEY: variable
    .secretBytes(32)
    .describe('Encrypts webhook signing secrets and signs links: 32 bytes in base64.'),
  LEASE: variable
    .durationMs()
    .default(15_000)
    .describe('How long a process may be silent before another one takes its videos over.'),
  STUCK_AFTER: variable
    .durationMs()
    .default(120_000)
    .describe(
      'How long work on a video may make no progress before another process takes it over; longer than a create to an upstream takes.',
    ),
  FAILPOINTS_DIRECTORY: variable
    .text()
    .optional()
    .describe(
      'For tests of Reelgate itself, never for production: directory of commands that break this process at named places.',
    ),
  METRICS_PORT: variable
    .port()
    .optional()
    .describe('Port of /metrics, for Prometheus alone: never a public one. Unset: none.'),
  METRICS_HOST: variable.text().default('127.0.0.1').describe('Address of /metrics.'),
  WEBHOOK_ALLOWED_CIDRS: variable
    .list()
    .default([])
    .describe(
      'Networks inside the company that webhooks may reach, as CIDRs; otherwise only public addresses.',
    ),
  UPSTREAM_OUTPUT_ALLOWED_CIDRS: variable
    .list()
    .default([])
    .describe(
      'Networks inside the company that an upstream may send us to for its output, as CIDRs, besides its own host; otherwise only public addresses.',
    ),
  EGRESS_PROXY: variable
    .url('http', 'https')
    .optional()
    .describe(
      'Proxy that takes CONNECT, such as Smokescreen, for webhooks and outputs beyond the networks that are allowed by CIDR. It must refuse private addresses itself. Unset: directly.',
    ),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least severe line that is logged: debug, info, warn, error or silent.'),
};

type ServerEnvironment = z.output<z.ZodObject<typeof serverVariables>>;
type StoreVariables = Pick<
  ServerEnvironment,
  'S3_BUCKET' | 'OBJECTS_DIRECTORY' | 'S3_ACCESS_KEY_ID' | 'S3_SECRET_ACCESS_KEY'
>;

type FallbackVariable = Extract<keyof ServerEnvironment, `${string}_FALLBACK_${string}`>;

/** For `.superRefine` of a schema that holds `serverVariables`: exactly one object store, whole credentials. */
export function checkObjectStoreChoice(env: StoreVariables, context: z.RefinementCtx): void {
  const problem = (name: keyof StoreVariables, message: string) =>
    context.addIssue({ code: 'custom', path: [name], message });
  if (env.S3_BUCKET === undefined && env.OBJECTS_DIRECTORY === undefined) {
    problem('S3_BUCKET', 'set S3_BUCKET or OBJECTS_DIRECTORY');
  }
  if (env.S3_BUCKET !== undefined && env.OBJECTS_DIRECTORY !== undefined) {
    problem('OBJECTS_DIRECTORY', 'must not be set together with S3_BUCKET');
  }
  if ((env.S3_ACCESS_KEY_ID === undefined) !== (env.S3_SECRET_ACCESS_KEY === undefined)) {
    problem('S3_SECRET_ACCESS_KEY', 'must be set together with S3_ACCESS_KEY_ID, or neither');
  }
}

/** The settings of the second object store; null where there is none. */
export function fallbackStoreSettings(
  env: Parameters<typeof objectStoreSettings>[0] & Pick<ServerEnvironment, FallbackVariable>,
  publicUrl: string,
) {
  if (env.S3_FALLBACK_BUCKET === undefined && env.OBJECTS_FALLBACK_DIRECTORY === undefined) return null;
  return objectStoreSettings(
    {
      ...env,
      S3_BUCKET: env.S3_FALLBACK_BUCKET,
      S3_ENDPOINT: env.S3_FALLBACK_ENDPOINT,
      S3_REGION: env.S3_FALLBACK_REGION,
      S3_ACCESS_KEY_ID: env.S3_FALLBACK_ACCESS_KEY_ID,
      S3_SECRET_ACCESS_KEY: env.S3_FALLBACK_SECRET_ACCESS_KEY,
      OBJECTS_DIRECTORY: env.OBJECTS_FALLBACK_DIRECTORY,
    },
    publicUrl,
  );
}

/** The settings of the object store that the variables choose. `publicUrl` is where the gateway is reached. */
export function objectStoreSettings(
  env: StoreVariables & Pick<ServerEnvironment, 'S3_REGION' | 'S3_ENDPOINT' | 'REELGATE_SECRET_KEY'>,
  publicUrl: string,
) {
  if (env.S3_BUCKET !== undefined) {
    return {
      kind: 's3' as const,
      bucket: env.S3_BUCKET,
      region: env.S3_REGION,
      ...(env.S3_ENDPOINT !== undefined && { endpoint: env.S3_ENDPOINT }),
      ...(env.S3_ACCESS_KEY_ID !== undefined && { accessKeyId: env.S3_ACCESS_KEY_ID }),
      ...(env.S3_SECRET_ACCESS_KEY !== undefined && { secretAccessKey: env.S3_SECRET_ACCESS_KEY }),
    };
  }
  return {
    kind: 'filesystem' as const,
    directory: env.OBJECTS_DIRECTORY ?? '',
    publicUrl,
    // A key for this one purpose, so that a link says nothing about what else the secret protects.
    signingSecret: createHmac('sha256', env.REELGATE_SECRET_KEY)
      .update('presigned object links')
      .digest('hex'),
  };
}
