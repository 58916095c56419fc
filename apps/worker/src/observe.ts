import { type Figure, measureVideos, type WorkerContext } from '@reelgate/core';
import type { LogFields, Measured, Metrics } from '@reelgate/runtime';

const SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];
/** A scrape asks for several gauges; they are all of one moment, in ms. */
const SAME_MOMENT_MS = 2_000;

const HELP: { readonly [Name in Figure['name']]: string } = {
  videos: 'Videos under way, by state.',
  overdue: 'Videos overdue by more than ten seconds with nothing happening, by state.',
  longest_overdue_seconds: 'How long the longest of them is overdue.',
  at_risk: 'Finished videos that are not safe yet and may be forgotten by their upstream.',
  least_slack_seconds: 'Time to the nearest deadline of a video that waits to be archived.',
  unknown_submissions: 'Creates whose answer was lost and that are looked for.',
  oldest_unknown_seconds: 'Age of the oldest of them.',
  parked_reservations: 'Videos whose cost waits for a decision.',
  quarantined: 'Videos that were set aside.',
  orphans: 'Videos that an upstream shows and nothing explains.',
  ledger_mismatches: 'Figures in which the books differed when they were last checked.',
  spooled_bytes: 'Bytes in the spool, by volume.',
  in_lifeboat: 'Objects in the second bucket.',
};
const LABELS: Partial<Record<Figure['name'], string>> = {
  videos: 'state',
  overdue: 'state',
  spooled_bytes: 'volume',
};

/** How everything stands, measured in Postgres whenever somebody asks. */
export function gaugeVideos(metrics: Metrics, ctx: Pick<WorkerContext, 'db'>): void {
  let last: { at: number; figures: Promise<readonly Figure[]> } | undefined;
  const figures = () => {
    if (!last || performance.now() - last.at > SAME_MOMENT_MS) {
      last = { at: performance.now(), figures: measureVideos(ctx) };
    }
    return last.figures;
  };
  for (const name of Object.keys(HELP) as Figure['name'][]) {
    const label = LABELS[name];
    metrics.gauge(name, HELP[name], label ? [label] : [], async () =>
      (await figures())
        .filter((figure) => figure.name === name)
        .map((figure): Measured => ({ labels: label ? { [label]: figure.label } : {}, value: figure.value })),
    );
  }
}

/** Durations that the log tells of. */
export function timeEvents(metrics: Metrics): (event: string, fields: LogFields) => void {
  const stored = metrics.histogram(
    'archive_seconds',
    'From completion at the upstream to stored.',
    ['upstream'],
    SECONDS,
  );
  const seen = metrics.histogram(
    'completion_seen_seconds',
    'From completion at the upstream to seen.',
    ['upstream'],
    SECONDS,
  );
  const turn = metrics.histogram(
    'poll_turn_seconds',
    'One turn at the renders of an account.',
    ['upstream'],
    SECONDS,
  );
  return (event, fields) => {
    const upstream = String(fields.upstream);
    if (event === 'video.stored' && typeof fields.lateMs === 'number')
      stored({ upstream }, fields.lateMs / 1_000);
    if (event === 'poll.ended' && typeof fields.lateMs === 'number')
      seen({ upstream }, fields.lateMs / 1_000);
    if (event === 'poll.account' && typeof fields.durationMs === 'number')
      turn({ upstream }, fields.durationMs / 1_000);
  };
}

/** How this process' circuit breakers stand. */
export function gaugeBreakers(
  metrics: Metrics,
  breakers: () => readonly { readonly upstream: string; readonly verb: string; readonly state: string }[],
): void {
  metrics.gauge(
    'breaker_open',
    'Whether calls of an upstream are held back: 1, or 0.5 for a probe.',
    ['upstream', 'verb'],
    () =>
      breakers().map(({ upstream, verb, state }) => ({
        labels: { upstream, verb },
        value: state === 'open' ? 1 : state === 'half_open' ? 0.5 : 0,
      })),
  );
}
