import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a worker of a benchmark needs: one upstream that lists, one model, files. */
export async function workerEnvironment(options: {
  readonly directory: string;
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  readonly upstreamUrl: string;
  readonly pollIntervalMs: number;
}): Promise<Record<string, string>> {
  const configuration = join(options.directory, 'reelgate.yaml');
  await writeFile(
    configuration,
    `
upstreams:
  - name: simulator
    kind: openai
    baseUrl: ${options.upstreamUrl}
    pollIntervalMs: ${options.pollIntervalMs}
models:
  - name: sora-2
    upstream: simulator
    seconds: [4]
    sizes: [720x1280, 1280x720]
    pricePerSecond: { 720x1280: '0.10', 1280x720: '0.10' }
`,
  );
  return {
    DATABASE_URL: options.databaseUrl,
    ...(options.redisUrl !== undefined && { REDIS_URL: options.redisUrl }),
    OBJECTS_DIRECTORY: join(options.directory, 'objects'),
    REELGATE_CONFIG: configuration,
    REELGATE_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
    HEALTH_PORT: '0',
    HOST: '127.0.0.1',
  };
}

/** Does something so many times, a few at once. */
export async function many(
  atOnce: number,
  count: number,
  work: (n: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
