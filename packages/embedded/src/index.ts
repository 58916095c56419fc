export { type EmbeddedAvailability, embeddedAvailability } from './availability.ts';
export { type S3Options, type S3Server, startS3 } from './ceph/start-s3.ts';
export { freePort } from './ports.ts';
export { type PostgresOptions, type PostgresServer, startPostgres } from './postgres.ts';
export { identify, isRunning, type ProcessIdentity, waitUntilGone } from './process-identity.ts';
export { putInPlace } from './put-in-place.ts';
export { type RedisOptions, type RedisServer, startRedis } from './redis.ts';
export type { SupervisedProcess } from './supervisor.ts';
