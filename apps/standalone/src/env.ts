import { variable } from '@reelgate/runtime';
import { z } from 'zod';

/** Servers of your own are used instead of embedded ones; everything has a default. */
export const standaloneEnvironment = z.object({
  PORT: variable.port().default(8080).describe('Port of the gateway; 0 takes a free one. `--port` wins.'),
  REELGATE_HOME: variable
    .text()
    .optional()
    .describe('Where data, secrets and logs lie; `.reelgate` if unset.'),
  DATABASE_URL: variable.url('postgres', 'postgresql').optional().describe('A Postgres of your own.'),
  REDIS_URL: variable.url('redis', 'rediss').optional().describe('A Redis of your own.'),
  S3_ENDPOINT: variable.url('http', 'https').optional().describe('An S3 server of your own.'),
  S3_BUCKET: variable.text().default('reelgate').describe('Bucket for the videos.'),
  S3_REGION: variable.text().default('us-east-1').describe('Region of the bucket.'),
  S3_ACCESS_KEY_ID: variable.secret().optional().describe('Key to your S3 server.'),
  S3_SECRET_ACCESS_KEY: variable.secret().optional().describe('Secret of that key.'),
  REELGATE_KEY_PEPPER: variable
    .secret({ minLength: 16 })
    .optional()
    .describe('Mixed into the hash of every API key; generated if unset.'),
  REELGATE_SECRET_KEY: variable
    .secret()
    .optional()
    .describe('Encrypts webhook secrets, 32 bytes in base64; generated if unset.'),
  LOG_LEVEL: variable.text().optional().describe('Passed on to the gateway and the worker.'),
});

export type StandaloneEnvironment = z.output<typeof standaloneEnvironment>;
