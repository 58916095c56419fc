import { embeddedAvailability } from '@reelgate/embedded';
import { expect, onTestFinished, test, vi } from 'vitest';

test('says for each server whether it can be started here, and what to do otherwise', async () => {
  vi.stubEnv('PATH', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { postgres, redis, s3 } = await embeddedAvailability();
  expect(postgres).toBe(true);
  expect(redis).toMatch(/ Install redis-server or valkey-server, or set REDIS_URL /);
  expect(s3).toMatch(/ Set S3_ENDPOINT /);
});
