import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../simulator.ts';
import { type Stack, startGateway } from '../stack.ts';
import { prepareSdk, type Sdk } from '../toolchains.ts';
import {
  complaintOf,
  describeScenario,
  runScenario,
  scenarios,
  totalCreates,
  totalExpected,
  withoutGateway,
} from './scenarios.ts';

let stack: Stack;
let simulator: Simulator;
let sdk: Sdk;

beforeAll(async () => {
  [stack, simulator] = await Promise.all([
    startGateway({ renderMs: 500 }),
    startSimulator({ SIMULATOR_RENDER_MS: '500' }),
  ]);
  const prepared = await prepareSdk('node');
  if (typeof prepared === 'string') throw new Error(prepared);
  sdk = prepared;
});
afterAll(() => Promise.all([stack?.stop(), simulator?.stop()]));

test('without the gateway, a retry makes a second video: the faults bite', async () => {
  expect(await runScenario(sdk, simulator, withoutGateway)).toMatchObject({
    faults: 1,
    tries: 2,
    creates: 2,
  });
});

describe.concurrent('each intent makes one video, which its caller holds', () => {
  const cases = scenarios.map((scenario) => [describeScenario(scenario), scenario] as const);
  test.for(cases)('%s', async ([, scenario], { expect }) => {
    const outcome = await runScenario(sdk, stack.gateway, scenario);
    expect(complaintOf(scenario, outcome)).toBeNull();
  });
});

test('nothing was made besides', async () => {
  expect(await totalCreates(stack.gateway)).toBe(totalExpected);
});
