import { debianPackagesAvailable } from './debian-packages.ts';
import { locatePostgresPackage } from './postgres-binaries.ts';
import { findRedisOnPath } from './redis.ts';

/** For each server `true`, or why it cannot be started here and what to do instead. */
export interface EmbeddedAvailability {
  postgres: true | string;
  redis: true | string;
  s3: true | string;
}

/** Looks at this machine only: that the Debian archive can be reached turns out when something is fetched from it. */
export async function embeddedAvailability(): Promise<EmbeddedAvailability> {
  const debian = await debianPackagesAvailable();
  const hasRedis = debian === true || (await findRedisOnPath()) !== undefined;
  return {
    postgres: postgresAvailable(),
    redis:
      hasRedis ||
      `${debian}. Install redis-server or valkey-server, or set REDIS_URL to a Redis of your own.`,
    s3: debian === true || `${debian}. Set S3_ENDPOINT to an object store of your own.`,
  };
}

function postgresAvailable(): true | string {
  try {
    locatePostgresPackage();
    return true;
  } catch (error) {
    return (error as Error).message;
  }
}
