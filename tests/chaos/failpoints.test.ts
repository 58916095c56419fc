/**
 * Every failpoint, killed with -9, thrown at and hung at, over real processes: whatever was under way there ends as it should.
 * With FAILPOINTS=all all of them are armed at once, and each strikes once, whichever video comes by; with
 * FAILPOINTS=one-by-one one after the other, to find the one that breaks something. Too long for every run of the tests.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { FAILPOINTS } from '@reelgate/core';
import { controlFailpoints, type FailpointControl, type FailpointMode } from '@reelgate/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditStack, untilAtRest } from './at-rest.ts';
import type { Intent } from './auditor/evidence.ts';
import { runLoad } from './load/load.ts';
import type { Wish } from './load/plan.ts';
import { type ChaosStack, startChaosStack } from './stack/stack.ts';

const WANTED = process.env.FAILPOINTS;
const ONE_BY_ONE = WANTED === 'one-by-one';
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
  if (WANTED === undefined) return;
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
  if (WANTED === undefined) return;
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

async function allIsWell(about?: string): Promise<void> {
  await untilAtRest(stack);
  expect((await auditStack(stack, intents)).findings, about).toEqual([]);
}

const MODES = ['throw', 'kill', 'hang'] as const satisfies readonly FailpointMode[];

test.runIf(WANTED === 'all').each(MODES)(
  '%s at every failpoint: nothing lost, nothing paid twice, everything comes to its end',
  async (mode) => {
    const strikes = FAILPOINTS.map((name) => `${name} ${mode}`);
    for (const name of FAILPOINTS) await control.arm(name, mode);
    await callersGoOnUntil(async () => (await left(strikes)).length === 0);
    expect(await left(strikes)).toEqual([]);
    await allIsWell();
  },
  PATIENCE_MS + 300_000,
);

test.runIf(ONE_BY_ONE).each(FAILPOINTS.flatMap((name) => MODES.map((mode) => [name, mode] as const)))(
  '%s: %s',
  async (name, mode) => {
    await control.arm(name, mode);
    await callersGoOnUntil(async () => (await left([`${name} ${mode}`])).length === 0);
    expect(await left([`${name} ${mode}`])).toEqual([]);
    await allIsWell(`${name} ${mode}`);
  },
  PATIENCE_MS + 300_000,
);
