import type { Metrics } from './metrics.ts';

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts and times the calls of upstreams; what is returned is told of each. */
export function measureUpstreamCalls(
  metrics: Metrics,
): (call: { upstream: string; verb: string; outcome: string; durationMs: number }) => void {
  const labels = ['upstream', 'verb', 'outcome'];
  const count = metrics.counter('upstream_calls_total', 'Calls of upstreams, by verb and outcome.', labels);
  const time = metrics.histogram(
    'upstream_call_seconds',
    'How long they took.',
    ['upstream', 'verb'],
    SECONDS,
  );
  return ({ upstream, verb, outcome, durationMs }) => {
    count({ upstream, verb, outcome });
    time({ upstream, verb }, durationMs / 1_000);
  };
}
