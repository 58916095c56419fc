import type { Target } from '../operations.ts';
import type { Sdk } from '../toolchains.ts';
import { startFaultyProxy } from './faulty-proxy.ts';

/** Slow enough for the gateway to ask for more than the second that an SDK waits unasked. */
const prompt = 'A snail crosses a road [[sim render_ms=40000]]';
const FIRST_LOOK_MS = 10_000;
const UNASKED_MS = 1_000;
/** A timer that fires early, and a busy machine. */
const TOLERANCE_MS = { below: 20, above: 400 };

export interface Pace {
  /** What the answer to the first look asked for, in ms. */
  readonly askedMs: number | null;
  /** Between an answer and the next look, in ms. */
  readonly gapsMs: readonly number[];
}

/** The SDK's own helper waits for a video; the proxy watches at what pace it looks. */
export async function watchPolls(sdk: Sdk, { baseURL, apiKey }: Target): Promise<Pace> {
  const proxy = await startFaultyProxy(baseURL, { firstRetrieveDelayMs: FIRST_LOOK_MS });
  try {
    const environment = { BASE_URL: proxy.baseURL, API_KEY: apiKey, PROMPT: prompt };
    const video = (await sdk.run('polls', environment)) as { status: string };
    if (video.status !== 'completed')
      throw new Error(`The helper came back with a video that is ${video.status}`);
    const looks = proxy.requests.filter(({ method }) => method === 'GET');
    const gapsMs = looks.slice(1).map((look, index) => {
      const before = looks[index]?.answeredAtMs ?? Number.NaN;
      return Math.round(look.arrivedAtMs - before);
    });
    return { askedMs: looks[0]?.pollAfterMs ?? null, gapsMs };
  } finally {
    await proxy.stop();
  }
}

/** In words what is wrong, or null. */
export function complaintOfPace({ askedMs, gapsMs }: Pace): string | null {
  if (askedMs === null) return 'the gateway asked for no interval';
  if (askedMs <= UNASKED_MS + TOLERANCE_MS.above) {
    return `the gateway asked for ${askedMs} ms, which a helper that was not asked cannot be told from`;
  }
  if (gapsMs.length < 3) return `there were only ${gapsMs.length} gaps to measure`;
  const [low, high] = [askedMs - TOLERANCE_MS.below, askedMs + TOLERANCE_MS.above];
  const odd = gapsMs.filter((gap) => gap < low || gap > high);
  return odd.length === 0 ? null : `asked for ${askedMs} ms, gaps of ${odd.join(', ')} ms`;
}
