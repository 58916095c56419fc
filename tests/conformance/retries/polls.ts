import type { Target } from '../operations.ts';
import type { Sdk } from '../toolchains.ts';
import { startFaultyProxy } from './faulty-proxy.ts';

/** Slow enough for several looks at the pace that the gateway asks for while nothing is known yet of the progress. */
const prompt = 'A snail crosses a road [[sim render_ms=25000]]';
const UNASKED_MS = 1_000;
/** A timer that fires early, and a busy machine. */
const TOLERANCE_MS = { below: 20, above: 400 };

/** These helpers keep what the first answer asked for; a loop of a caller's own goes by each. */
const keepFirst: ReadonlySet<Sdk['name']> = new Set(['python', 'go']);

/** Between the answer to one look and the next look, in ms. */
export interface Gap {
  readonly askedMs: number | null;
  readonly keptMs: number;
}

/** The SDK's own helper, or a loop where it has none, waits for a video; the proxy watches at what pace it looks. */
export async function watchPolls(sdk: Sdk, { baseURL, apiKey }: Target): Promise<readonly Gap[]> {
  const proxy = await startFaultyProxy(baseURL, {});
  try {
    const environment = { BASE_URL: proxy.baseURL, API_KEY: apiKey, PROMPT: prompt };
    const video = (await sdk.run('polls', environment)) as { status: string };
    if (video.status !== 'completed') throw new Error(`It came back with a video that is ${video.status}`);
    const looks = proxy.requests.filter(({ method }) => method === 'GET');
    return looks.slice(1).map(({ arrivedAtMs }, index) => ({
      askedMs: looks[keepFirst.has(sdk.name) ? 0 : index]?.pollAfterMs ?? null,
      keptMs: Math.round(arrivedAtMs - (looks[index]?.answeredAtMs ?? Number.NaN)),
    }));
  } finally {
    await proxy.stop();
  }
}

/** In words what is wrong, or null. */
export function complaintOfPace(gaps: readonly Gap[]): string | null {
  const [first] = gaps;
  if (first === undefined || gaps.length < 3) return `there were only ${gaps.length} gaps to measure`;
  if (first.askedMs === null) return 'the gateway asked for no interval';
  if (first.askedMs <= UNASKED_MS + TOLERANCE_MS.above) {
    return `the gateway asked for ${first.askedMs} ms, and an SDK that was not asked waits a second: nothing is proven`;
  }
  const odd = gaps.filter(
    ({ askedMs, keptMs }) =>
      askedMs === null || keptMs < askedMs - TOLERANCE_MS.below || keptMs > askedMs + TOLERANCE_MS.above,
  );
  return odd.length === 0
    ? null
    : `gaps of ${odd.map(({ keptMs }) => keptMs).join(', ')} ms were not asked for`;
}
