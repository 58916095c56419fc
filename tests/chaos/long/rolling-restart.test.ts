/**
 * A deploy under load: every gateway and worker is replaced, one after the other, and nobody notices. On a machine that is busy
 * with other things requests fail for want of time.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { auditStack, untilAtRest } from '../at-rest.ts';
import type { Outcome } from '../load/caller.ts';
import { runLoad } from '../load/load.ts';
import type { Wish } from '../load/plan.ts';
import { type ChaosStack, startChaosStack } from '../stack/stack.ts';

let directory: string;
let stack: ChaosStack;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reelgate-rolling-'));
  stack = await startChaosStack({
    directory,
    queue: 'postgres',
    renderMs: 1_500,
    pollIntervalMs: 300,
    // As in production: nothing of a deploy may depend on leases that run out soon.
    env: { LEASE: '15s', RECONCILE_INTERVAL: '5s', INLINE_SUBMIT_WAIT: '5s', SHUTDOWN_DELAY: '1s' },
  });
});
afterAll(async () => {
  await stack.stop();
  await rm(directory, { recursive: true, force: true });
});

test('two rounds over all gateways and workers: no failed request, no stalled video, no duplicate', async () => {
  const deployed = new AbortController();
  const outcomes: Outcome[] = [];
  let count = 0;
  const wish = (): Wish => {
    const no = count++;
    return {
      no,
      team: no % 3,
      operation: no % 5 === 0 ? 'create with a picture' : no % 5 === 1 ? 'remix' : 'create',
      prompt: `wish ${no}${no % 4 === 0 ? ' [[sim delay_ms=1500]]' : ''}`,
      seconds: '4',
      withKey: no % 2 === 0,
      deleted: null,
      downloaded: true,
    };
  };
  const lane = async () => {
    while (!deployed.signal.aborted)
      // No SDK that would try again and hide it.
      outcomes.push(
        ...(await runLoad(stack, [wish()], {
          concurrency: 1,
          maxRetries: 0,
          over: AbortSignal.timeout(90_000),
        })),
      );
  };
  const lanes = Array.from({ length: 4 }, lane);

  for (let round = 0; round < 2; round++) {
    for (const member of [...stack.gateways, ...stack.workers]) {
      await member.restart();
      // The next one goes when the load balancer sends to this one again.
      await vi.waitUntil(() => stack.balancer.ready() === stack.gateways.length, { timeout: 30_000 });
    }
  }
  deployed.abort();
  await Promise.all(lanes);

  const failed = outcomes.flatMap(({ errors, intent }) =>
    Object.keys(errors).map((error) => `wish ${intent.no}: ${error}`),
  );
  expect(failed).toEqual([]);
  expect(outcomes.filter(({ create }) => create !== 'made')).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(15);
  await untilAtRest(stack);
  const { findings, counts } = await auditStack(
    stack,
    outcomes.map(({ intent }) => intent),
  );
  expect(findings).toEqual([]);
  expect(counts['videos stored']).toBe(outcomes.length);
  // Made once each, and read by their owners to the end.
  expect(outcomes.map(({ intent }) => intent.statuses.at(-1))).toEqual(outcomes.map(() => 'completed'));
  expect([...stack.gateways, ...stack.workers].map((member) => member.starts())).toEqual([3, 3, 3, 3]);
  const client = new OpenAI({ baseURL: stack.baseUrl, apiKey: stack.teams[0]?.apiKey ?? '' });
  expect((await client.videos.list({ limit: 1 })).data).toHaveLength(1);
}, 420_000);
