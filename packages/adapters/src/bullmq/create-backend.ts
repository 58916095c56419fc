import type { BackendRole, QueueBackend } from './backend.ts';
import type { ErrorLog } from './error-log.ts';
import { createPostgresQueueBackend } from './postgres-backend.ts';
import { createRedisQueueBackend } from './redis-backend.ts';

export interface BackendOptions {
  /** Redis, where given; else the jobs live in the database beside the rows that they speak of. */
  readonly redisUrl?: string | undefined;
  readonly databaseUrl: string;
}

export function createQueueBackend(
  { redisUrl, databaseUrl }: BackendOptions,
  role: BackendRole,
  onError: ErrorLog,
): QueueBackend {
  return redisUrl === undefined
    ? createPostgresQueueBackend(databaseUrl, role, onError)
    : createRedisQueueBackend(redisUrl, role, onError);
}
