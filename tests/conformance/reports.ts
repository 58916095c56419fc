/** Runs what is asked for with several SDKs, tells how it goes, and ends with a table. Each resolves with whether all is well. */
import { createBench, describeDifference } from './conformance.ts';
import { knownDifferences } from './known-differences.ts';
import type { Target } from './operations.ts';
import { complaintOfPace, watchPolls } from './retries/polls.ts';
import {
  complaintOf,
  describeScenario,
  isLeftToCaller,
  runScenario,
  type Scenario,
  scenarios,
  totalCreates,
  totalExpected,
  withoutGateway,
} from './retries/scenarios.ts';
import { startSimulator } from './simulator.ts';
import { type Gateway, startGateway } from './stack.ts';
import type { Sdk } from './toolchains.ts';
import { gatherWebhooks, judgeWebhooks } from './webhooks.ts';

/** Of videos that are only waited for. */
const RENDER_MS = 500;

type Row = Readonly<Record<string, string | number>>;

export async function compareAll(sdks: readonly Sdk[], target: Target | undefined): Promise<boolean> {
  const bench = await createBench(target);
  const rows: Row[] = [];
  const needed = new Set<string>();
  let isGood = true;
  try {
    for (const sdk of sdks) {
      console.log(`\n${sdk.name}: directly, then through the gateway`);
      const { steps, received, differences, allowed } = await bench.compare(sdk);
      for (const difference of differences) console.log(`  ${describeDifference(difference)}`);
      for (const reason of allowed) needed.add(reason);
      isGood &&= differences.length === 0;
      const result = differences.length === 0 ? 'equal' : 'DIFFERENT';
      rows.push({ sdk: sdk.name, steps, received, differences: differences.length, result });
    }
  } finally {
    await bench.stop();
  }
  console.log();
  console.table(rows);
  for (const { reason } of knownDifferences) {
    console.log(`${needed.has(reason) ? 'Known difference' : 'No longer needed'}: ${reason}.`);
  }
  return isGood;
}

export async function proveRetries(sdks: readonly Sdk[]): Promise<boolean> {
  const simulator = await startSimulator({ SIMULATOR_RENDER_MS: String(RENDER_MS) });
  const stack = await startGateway({ renderMs: RENDER_MS });
  const rows: Row[] = [];
  try {
    await Promise.all(
      sdks.map(async (sdk) => {
        const { creates } = await runScenario(sdk, simulator, withoutGateway);
        tell(`${sdk.name}, without the gateway: ${creates} videos of one create`, creates > 1);
        if (creates <= 1) rows.push({ sdk: sdk.name, scenario: 'the faults do not bite', result: 'BAD' });
        for (const scenario of scenarios) rows.push(await rowOf(sdk, stack.gateway, scenario));
      }),
    );
    const total = await totalCreates(stack.gateway);
    const isExact = total === sdks.length * totalExpected;
    rows.push({ sdk: 'together', scenario: 'all', creates: total, result: isExact ? 'ok' : 'BAD' });
  } finally {
    await Promise.all([stack.stop(), simulator.stop()]);
  }
  console.log();
  // Each SDK by itself: they ran at the same time.
  console.table(rows.toSorted((a, b) => String(a.sdk).localeCompare(String(b.sdk))));
  return rows.every(({ result }) => result === 'ok');
}

async function rowOf(sdk: Sdk, gateway: Gateway, scenario: Scenario): Promise<Row> {
  const outcome = await runScenario(sdk, gateway, scenario);
  const complaint = complaintOf(scenario, outcome);
  const isRaised = complaint === null && isLeftToCaller(outcome, scenario.intents);
  const note = complaint ?? (isRaised ? 'the SDK raises and does not ask again' : null);
  const name = describeScenario(scenario);
  tell([sdk.name, name, ...(note === null ? [] : [note])].join(', '), complaint === null);
  const { tries, creates } = outcome;
  return { sdk: sdk.name, scenario: name, tries, creates, result: complaint === null ? 'ok' : 'BAD' };
}

export async function provePolls(sdks: readonly Sdk[]): Promise<boolean> {
  // What is polled says itself how long it takes.
  const stack = await startGateway({ renderMs: RENDER_MS });
  const rows: Row[] = [];
  try {
    const all = await Promise.all(
      sdks.map(async (sdk) => [sdk, await watchPolls(sdk, stack.gateway)] as const),
    );
    for (const [{ name }, gaps] of all) {
      const asked = gaps.map(({ askedMs }) => askedMs ?? 'nothing').join(' ');
      const kept = gaps.map(({ keptMs }) => keptMs).join(' ');
      rows.push({
        sdk: name,
        'asked for, ms': asked,
        'gaps, ms': kept,
        result: complaintOfPace(gaps) ?? 'ok',
      });
    }
  } finally {
    await stack.stop();
  }
  console.log();
  console.table(rows);
  return rows.length > 0 && rows.every(({ result }) => result === 'ok');
}

export async function proveWebhooks(sdks: readonly Sdk[]): Promise<boolean> {
  const stack = await startGateway({ renderMs: RENDER_MS });
  const rows: Row[] = [];
  try {
    const cases = await gatherWebhooks(stack.gateway);
    for (const sdk of sdks) {
      const complaints = await judgeWebhooks(sdk, stack.gateway, cases);
      for (const complaint of complaints) tell(`${sdk.name}: ${complaint}`, false);
      rows.push({ sdk: sdk.name, webhooks: cases.length, result: complaints.length === 0 ? 'ok' : 'BAD' });
    }
  } finally {
    await stack.stop();
  }
  console.log();
  console.table(rows);
  return rows.length > 0 && rows.every(({ result }) => result === 'ok');
}

function tell(line: string, isGood: boolean): void {
  console.log(`  ${isGood ? 'ok ' : 'BAD'} ${line}`);
}
