import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, createBench, describeDifference } from './conformance.ts';
import { prepareSdk } from './toolchains.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.stop());

test('the SDK for Node is answered by the gateway as by the upstream, which is given the same', async () => {
  const sdk = await prepareSdk('node');
  if (typeof sdk === 'string') throw new Error(sdk);
  const { differences } = await bench.compare(sdk);
  expect(differences.map(describeDifference)).toEqual([]);
});
