import { applyModels, type CallerContext, createModelCatalogue, quoteVideo, setPrice } from '@reelgate/core';
import { createTestDatabase, seedModels, seedTeam, TEST_ACCOUNT, type TestDatabase } from '@reelgate/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test('what a test key makes costs nothing, whatever terms its price has', async () => {
  const { db } = database;
  await seedModels(db);
  const upstream = { name: TEST_ACCOUNT, kind: 'openai', baseUrl: 'http://127.0.0.1:9/v1', test: true };
  await applyModels({ db }, { upstreams: [upstream], models: [] });
  await db.$client.query('update models set enabled = true');
  await setPrice(
    { db },
    {
      model: 'sora-2',
      size: '720x1280',
      perSecondMicroUsd: 100_000n,
      perImageMicroUsd: 10_000n,
      perVideoMicroUsd: 50_000n,
      minimumMicroUsd: 900_000n,
    },
  );
  const costOf = async (isTest: boolean) => {
    const principal = { ...(await seedTeam(db)), isTest };
    const ctx = { db, models: createModelCatalogue({ db }), principal } as unknown as CallerContext;
    const quote = await quoteVideo(ctx, { model: 'sora-2', seconds: 4, size: '720x1280' });
    return quote.costMicroUsd;
  };
  expect(await costOf(false)).toBe(900_000n);
  expect(await costOf(true)).toBe(0n);
});
