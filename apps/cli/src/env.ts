import { serverVariables, variable } from '@reelgate/runtime';
import { z } from 'zod';

const optionalServerVariables = z
  .object(serverVariables)
  .pick({
    DATABASE_URL: true,
    REDIS_URL: true,
    PUBLIC_URL: true,
    OBJECTS_DIRECTORY: true,
    S3_ENDPOINT: true,
    S3_BUCKET: true,
    S3_ACCESS_KEY_ID: true,
    S3_SECRET_ACCESS_KEY: true,
    S3_FALLBACK_BUCKET: true,
    S3_FALLBACK_ENDPOINT: true,
    S3_FALLBACK_ACCESS_KEY_ID: true,
    S3_FALLBACK_SECRET_ACCESS_KEY: true,
    OBJECTS_FALLBACK_DIRECTORY: true,
    REELGATE_SECRET_KEY: true,
    REELGATE_CONFIG: true,
    EGRESS_PROXY: true,
  })
  .partial();

/** As for the gateway and the worker. Optional, because each command needs only some and says which it misses. */
export const cliEnvironment = optionalServerVariables.extend({
  S3_REGION: serverVariables.S3_REGION,
  S3_FALLBACK_REGION: serverVariables.S3_FALLBACK_REGION,
  REELGATE_KEY_PEPPER: variable.secret({ minLength: 16 }).optional().describe('Mixed into key hashes.'),
  WEBHOOK_ALLOWED_CIDRS: variable.list().default([]).describe('Private networks webhooks may be sent to.'),
});

export type CliEnvironment = z.output<typeof cliEnvironment>;

/** The variable's value, or an error that says how to get one. */
export function required<N extends keyof CliEnvironment>(
  env: CliEnvironment,
  name: N,
): NonNullable<CliEnvironment[N]> {
  const value = env[name];
  if (value != null) return value;
  throw new Error(`${name} is not set and no stack runs here: run \`npm start\` beside this, or set it.`);
}
