/** Creates whose answers are lost on the way: the SDK asks again, and nothing may be made twice. */
import { createHash, randomUUID } from 'node:crypto';
import type { Target } from '../operations.ts';
import { control, truthOf } from '../simulator.ts';
import type { Sdk } from '../toolchains.ts';
import { type AnswerFault, answerFaults, startFaultyProxy } from './faulty-proxy.ts';

/** What the simulator does to its answer, once it has made the video. */
const upstreamFaults = ['rst', 'fin', 'cut', 502, 'hang'] as const;

export type Scenario =
  | { readonly between: 'gateway and SDK'; readonly fault: AnswerFault; readonly intents: number }
  | {
      readonly between: 'simulator and gateway';
      readonly fault: (typeof upstreamFaults)[number];
      readonly intents: number;
    };

/** One create, and three identical ones at the same time. */
const atOnce = [1, 3] as const;

export const scenarios: readonly Scenario[] = atOnce.flatMap((intents) => [
  ...answerFaults.map((fault) => ({ between: 'gateway and SDK', fault, intents }) as const),
  ...upstreamFaults.map((fault) => ({ between: 'simulator and gateway', fault, intents }) as const),
]);

export interface Outcome {
  /** How many answers were really lost. */
  readonly faults: number;
  /** How often the SDK asked for a video, its retries included. */
  readonly tries: number;
  /** How many videos the upstream made. */
  readonly creates: number;
  /** What each caller ended up with. */
  readonly held: readonly { readonly id?: string; readonly status?: string; readonly error?: unknown }[];
}

/**
 * An upstream that answers hardly any create is left alone for a while, and the fault would not be met. So it answers more of
 * them than it loses.
 */
const WELL_FOR_EACH = 2;

/** Shorter than an SDK waits by default, so that what hangs is asked again soon; longer than any answer takes. */
const IMPATIENT_MS = 4_000;
const PATIENT_MS = 60_000;

/** Runs one scenario against a gateway, or against the simulator itself to see what happens without one. */
export async function runScenario(
  sdk: Sdk,
  target: Target & { readonly controlURL: string },
  scenario: Scenario,
): Promise<Outcome> {
  const prompt = `Scenario ${randomUUID()}`;
  const { between, fault, intents } = scenario;
  const isUpstream = between === 'simulator and gateway';
  if (isUpstream) {
    await createPlainly(target, WELL_FOR_EACH * intents);
    const rule = { match: { operation: 'create', prompt_contains: prompt }, times: intents };
    await control(target.controlURL, 'POST', 'rules', { ...rule, behaviour: { answer: fault } });
  }
  const proxy = await startFaultyProxy(target.baseURL, isUpstream ? {} : { onFirstCreate: fault });
  try {
    const held = (await sdk.run('creates', {
      BASE_URL: proxy.baseURL,
      API_KEY: target.apiKey,
      PROMPT: prompt,
      COUNT: String(intents),
      TIMEOUT_MS: String(fault === 'delayed' || fault === 'hang' ? IMPATIENT_MS : PATIENT_MS),
    })) as Outcome['held'];
    const hash = createHash('sha256').update(prompt).digest('hex');
    const { videos } = await truthOf(target.controlURL);
    return {
      faults: isUpstream ? intents - (await turnsLeft(target.controlURL, prompt)) : proxy.spoiled(),
      tries: proxy.requests.filter(({ method, path }) => method === 'POST' && path === '/v1/videos').length,
      creates: videos.filter(({ prompt_sha256 }) => prompt_sha256 === hash).length,
      held,
    };
  } finally {
    await proxy.stop();
  }
}

async function createPlainly({ baseURL, apiKey }: Target, count: number): Promise<void> {
  const request = {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'All is well', seconds: '4' }),
  };
  const answers = await Promise.all(Array.from({ length: count }, () => fetch(`${baseURL}/videos`, request)));
  for (const { status } of answers) if (status !== 200) throw new Error(`A plain create answered ${status}`);
}

async function turnsLeft(controlURL: string, prompt: string): Promise<number> {
  const { data } = (await control(controlURL, 'GET', 'rules')) as {
    data: { match: { prompt_contains?: string }; times: number }[];
  };
  return data.find(({ match }) => match.prompt_contains === prompt)?.times ?? 0;
}

/** In words what is wrong, or null: each intent was struck, made one video, and its caller holds that one. */
export function complaintOf({ fault, intents }: Scenario, outcome: Outcome): string | null {
  const { faults, tries, creates, held } = outcome;
  if (faults !== intents) return `${faults} of ${intents} answers were lost: nothing is proven`;
  if (creates !== intents) return `${creates} videos were made`;
  if (fault === 'cut in its body' && isLeftToCaller(outcome, intents)) return null;
  if (tries === intents && isAnswerToSdk(fault)) return 'the SDK did not ask again: nothing is proven';
  const lost = held.find(({ status }) => status !== 'completed');
  if (lost !== undefined) return `a caller holds no completed video: ${JSON.stringify(lost)}`;
  return new Set(held.map(({ id }) => id)).size === intents ? null : 'two callers hold the same video';
}

/** With a status line in hand some SDKs do not ask again: they raise, and the caller looks into the list. */
export function isLeftToCaller({ tries, held }: Outcome, intents: number): boolean {
  return tries === intents && held.every(({ error }) => error !== undefined);
}

function isAnswerToSdk(fault: Scenario['fault']): boolean {
  return answerFaults.some((each) => each === fault);
}

/** What is made besides the videos that a scenario is looked up by, were it to happen, is in the total. */
export async function totalCreates({ controlURL }: { readonly controlURL: string }): Promise<number> {
  return (await truthOf(controlURL)).totals.creates;
}

/** How many videos there are when each scenario has made what it was to make. */
export const totalExpected = scenarios.reduce(
  (sum, { between, intents }) =>
    sum + intents + (between === 'simulator and gateway' ? WELL_FOR_EACH * intents : 0),
  0,
);

/** Against the simulator itself this makes two videos of one intent: the proof that the faults bite. */
export const withoutGateway: Scenario = { between: 'gateway and SDK', fault: 'cut in its head', intents: 1 };

export function describeScenario({ between, fault, intents }: Scenario): string {
  return `${intents === 1 ? 'one create' : `${intents} equal creates`}, answer between ${between}: ${fault}`;
}
