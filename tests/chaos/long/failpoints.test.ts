/**
 * Every failpoint, killed with -9, thrown at and hung at, over real processes: whatever was under way there ends as it should.
 * All of them are armed at once, and each strikes once, whichever video comes by; with FAILPOINTS=one-by-one one after the other,
 * to find the one that breaks something. Too long for every run of the tests.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { FAILPOINTS } from '@reelgate/core';
import { controlFailpoints, type FailpointControl, type FailpointMode } from '@reelgate/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditStack, untilAtRest } from '../at-rest.ts';
import type { Intent } from '../auditor/evidence.ts';
import { runLoad } from '../load/load.ts';
import type { Wish } from '../load/plan.ts';
import { type ChaosStack, startChaosStack } from '../stack/stack.ts';

const ONE_BY_ONE = process.env.FAILPOINTS === 'one-by-one';
/** How long everything may take to have been struck, in ms. */
const PATIENCE_MS = 300_000;
/** Callers at a time. */
const LANES = ONE_BY_ONE ? 6 : 12;

let directory: string;
let control: FailpointControl;
let stack: ChaosStack;
const intents: Intent[] = [];
let count = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reelgate-failpoints-'));
  control = await controlFailpoints(join(directory, 'failpoints'));
  stack = await startChaosStack({
    directory,
    queue: 'postgres',
    renderMs: 200,
    pollIntervalMs: 200,
    env: {
      FAILPOINTS_DIRECTORY: control.directory,
      LEASE: '1s',
      STUCK_AFTER: '3s',
      RECONCILE_INTERVAL: '300ms',
      SEARCH_TIME: '6s',
      SEARCH_HORIZON: '2s',
      INLINE_SUBMIT_WAIT: '1s',
    },
  });
});
afterAll(async () => {
  // What hangs would keep an orderly stop waiting.
  await Promise.all([...stack.gateways, ...stack.workers].map((member) => member.stop('SIGKILL')));
  await stack.stop();
  await rm(directory, { recursive: true, force: true });
});

const wish = (more: Partial<Wish> = {}): Wish => {
  const no = count++;
  return {
    no,
    team: no % 3,
    operation: 'create',
    prompt: `wish ${no}`,
    seconds: '4',
    withKey: true,
    deleted: null,
    downloaded: false,
    ...more,
    ...(more.prompt && { prompt: `wish ${no} ${more.prompt}` }),
  };
};

/** Together they come by every failpoint. */
const everyWay = () => [
  wish({ operation: 'create with a picture' }),
  wish({ prompt: '[[sim answer=rst]]' }),
  wish({ prompt: '[[sim fail=moderation]]' }),
  wish({ operation: 'remix', deleted: 'at the end' }),
  wish({ prompt: 'waits' }),
  wish({ prompt: '[[sim answer=502]]', deleted: 'at once' }),
];

/** Callers come one after the other, many at a time, until it is done. */
async function callersGoOnUntil(done: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  let open: Wish[] = [];
  let over = false;
  const watching = (async () => {
    while (!over) {
      over = performance.now() > until || (await done());
      await wait(100);
    }
  })();
  const lane = async () => {
    while (!over) {
      if (open.length === 0) {
        open = everyWay();
        await stack.simulator.control('POST', 'rules', {
          match: { operation: 'create', prompt_contains: 'waits' },
          behaviour: { rate_limited: true, retry_after: 0 },
        });
      }
      const next = open.splice(0, 1);
      const outcomes = await runLoad(stack, next, { concurrency: 1, over: AbortSignal.timeout(60_000) });
      intents.push(...outcomes.map(({ intent }) => intent));
    }
  };
  await Promise.all([watching, ...Array.from({ length: LANES }, lane)]);
}

const left = async (strikes: readonly string[]) => {
  const struck = new Set(await control.struck());
  return strikes.filter((strike) => !struck.has(strike));
};

const MODES = ['throw', 'kill', 'hang'] as const satisfies readonly FailpointMode[];

const GROUPS: { mode: FailpointMode; names: readonly (typeof FAILPOINTS)[number][]; at: string }[] =
  ONE_BY_ONE
    ? FAILPOINTS.flatMap((name) => MODES.map((mode) => ({ mode, names: [name], at: name })))
    : MODES.map((mode) => ({ mode, names: FAILPOINTS, at: 'every failpoint' }));

test.each(GROUPS)(
  '$mode at $at: nothing lost, nothing paid twice, everything comes to its end',
  async ({ mode, names }) => {
    const strikes = names.map((name) => `${name} ${mode}`);
    for (const name of names) await control.arm(name, mode);
    await callersGoOnUntil(async () => (await left(strikes)).length === 0);
    expect(await left(strikes)).toEqual([]);
    await untilAtRest(stack);
    expect((await auditStack(stack, intents)).findings, strikes.join(', ')).toEqual([]);
  },
  PATIENCE_MS + 300_000,
);
