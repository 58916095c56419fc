import { rm } from 'node:fs/promises';
import { type Difference, differencesOf, show } from './compare.ts';
import { makeInputs, writeWebhooks, writtenWebhook } from './inputs.ts';
import { knownDifferences } from './known-differences.ts';
import { assertAllSent, type Run, runOperations, type Target } from './operations.ts';
import { startSimulator } from './simulator.ts';
import { deliveredWebhook, type Gateway, startGateway } from './stack.ts';
import type { Sdk } from './toolchains.ts';

/** Long enough to be seen unfinished, short enough to wait for. */
const RENDER_MS = 1500;

export interface Comparison {
  readonly steps: number;
  /** What reached the upstream; 0 where that cannot be seen. */
  readonly received: number;
  /** Beyond the known ones. */
  readonly differences: readonly (Difference & { readonly where: string })[];
  /** Reasons of the known differences that were found. */
  readonly allowed: ReadonlySet<string>;
}

/** The simulator alone, the gateway before another one, and what is sent to both. */
export interface Bench {
  compare(sdk: Sdk): Promise<Comparison>;
  stop(): Promise<void>;
}

/** `given` is a gateway that runs already; without it a stack is started. */
export async function createBench(given?: Target): Promise<Bench> {
  const direct = await startSimulator({ SIMULATOR_RENDER_MS: String(RENDER_MS) });
  const stack = given === undefined ? await startGateway({ renderMs: RENDER_MS }) : undefined;
  const target = given ?? (stack?.gateway as Gateway);
  const inputs = await makeInputs(direct);

  async function through(sdk: Sdk, to: Target): Promise<Run> {
    const own = to === stack?.gateway ? await deliveredWebhook(stack.gateway) : writtenWebhook();
    await writeWebhooks(inputs, own);
    return await runOperations(sdk, to, inputs);
  }

  return {
    async compare(sdk) {
      const upstream = await through(sdk, given === undefined ? direct : withoutControl(direct));
      if (upstream.received !== undefined) assertAllSent(sdk, upstream.received);
      return compareRuns(upstream, await through(sdk, target));
    },
    async stop() {
      await Promise.all([direct.stop(), stack?.stop(), rm(inputs, { recursive: true })]);
    },
  };
}

/** What is not known of one side cannot be compared with the other. */
function withoutControl({ baseURL, apiKey }: Target): Target {
  return { baseURL, apiKey };
}

function compareRuns(direct: Run, gateway: Run): Comparison {
  const found = direct.steps.flatMap(({ step, ...outcome }, index) => {
    const { step: _, ...other } = gateway.steps[index] ?? {};
    return differencesOf(outcome, other).map((each) => ({ ...each, where: `${step}: ${each.path}` }));
  });
  for (const each of differencesOf(direct.received, gateway.received)) {
    found.push({ ...each, where: `received by the upstream: ${each.path}` });
  }
  const knownOf = ({ where, gateway: value }: (typeof found)[number]) =>
    knownDifferences.find((known) => known.where.test(where) && known.gateway.test(show(value)));
  return {
    steps: direct.steps.length,
    received: direct.received?.length ?? 0,
    differences: found.filter((each) => knownOf(each) === undefined),
    allowed: new Set(found.flatMap((each) => knownOf(each)?.reason ?? [])),
  };
}

export function describeDifference({ where, direct, gateway }: Comparison['differences'][number]): string {
  return `${where}\n    - directly            ${show(direct)}\n    + through the gateway ${show(gateway)}`;
}
