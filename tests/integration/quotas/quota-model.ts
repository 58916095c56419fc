/** What quotas are to do, one command after the other and in memory; what Postgres has done is held against it. */
export const METRICS = ['cost', 'seconds', 'videos', 'concurrent'] as const;
export type Metric = (typeof METRICS)[number];
export type Window = 'month' | 'day' | 'none';
export type Amounts = Readonly<Record<Metric, number>>;

export interface Model {
  /** Hard limits by `kind:id metric window`; null only counts. */
  limits: Record<string, number | null>;
  /** How many periods are over. */
  now: Record<Window, number>;
  /** By limit and period. */
  buckets: Record<string, { reserved: number; settled: number; hard: number | null; overrun: number }>;
  videos: Record<string, { holds: readonly Hold[]; finalCost: number | null }>;
}

export interface Hold {
  readonly bucket: string;
  readonly metric: Metric;
  readonly amount: number;
  readonly state: 'held' | 'parked' | 'settled' | 'released';
}

export const emptyModel = (): Model => ({
  limits: {},
  now: { month: 0, day: 0, none: 0 },
  buckets: {},
  videos: {},
});

/** What the video would hold of every limit; or nothing, and the codes of which one is the right refusal. */
export function room(
  model: Model,
  scopes: readonly string[],
  amounts: Amounts,
): { holds: Hold[]; refusals: string[] } {
  const holds: Hold[] = [];
  for (const scope of scopes) {
    const refusals: string[] = [];
    for (const [limit, hard] of Object.entries(model.limits)) {
      const [limited, metric, window] = limit.split(' ') as [string, Metric, Window];
      if (limited !== scope) continue;
      const amount = amounts[metric];
      const bucket = `${limit} ${model.now[window]}`;
      const { reserved, settled } = model.buckets[bucket] ?? { reserved: 0, settled: 0 };
      if (hard === null || reserved + settled + amount <= hard)
        holds.push({ bucket, metric, amount, state: 'held' });
      else if (metric === 'concurrent') refusals.push('rate_limit_exceeded');
      else refusals.push(amount > hard ? 'video_exceeds_quota' : 'insufficient_quota');
    }
    if (refusals.length > 0) return { holds: [], refusals };
  }
  return { holds, refusals: [] };
}

export function hold(model: Model, video: string, holds: readonly Hold[]): void {
  for (const { bucket, amount } of holds) {
    const hard = model.limits[bucket.slice(0, bucket.lastIndexOf(' '))] ?? null;
    model.buckets[bucket] ??= { reserved: 0, settled: 0, hard, overrun: 0 };
    model.buckets[bucket].reserved += amount;
  }
  model.videos[video] = { holds, finalCost: null };
}

export const isOpen = ({ state }: Pick<Hold, 'state'>) => state === 'held' || state === 'parked';

/** Settles with the actual amounts, or releases: once, wherever the time has gone since. */
export function finish(model: Model, id: string, actual: Amounts | null): void {
  const video = model.videos[id];
  if (!video) return;
  if (video.holds.some(isOpen)) video.finalCost = actual?.cost ?? null;
  video.holds = video.holds.map((hold) => (isOpen(hold) ? end(model, hold, actual) : hold));
}

/** It is no longer in flight, and keeps the rest. */
export function park(model: Model, id: string): void {
  const video = model.videos[id];
  if (!video) return;
  video.holds = video.holds.map((hold) => {
    if (isOpen(hold) && hold.metric === 'concurrent') return end(model, hold, null);
    return hold.state === 'held' ? { ...hold, state: 'parked' } : hold;
  });
}

function end(model: Model, hold: Hold, actual: Amounts | null): Hold {
  const used = actual === null || hold.metric === 'concurrent' ? 0 : actual[hold.metric];
  const bucket = model.buckets[hold.bucket];
  if (bucket) {
    bucket.reserved -= hold.amount;
    bucket.settled += used;
    bucket.overrun += Math.max(0, used - hold.amount);
  }
  return { ...hold, state: actual === null ? 'released' : 'settled' };
}

/** For the open period too; those that are over keep the limit they had. */
export function setLimit(model: Model, limit: string, hard: number | null): void {
  model.limits[limit] = hard;
  const bucket = model.buckets[`${limit} ${model.now[limit.split(' ')[2] as Window]}`];
  if (bucket) {
    const overrun = hard === null ? 0 : Math.max(0, bucket.reserved + bucket.settled - hard);
    Object.assign(bucket, { hard, overrun });
  }
}

/** A month that ends takes its last day along. */
export function roll(model: Model, over: 'month' | 'day'): void {
  if (over === 'month') model.now.month += 1;
  model.now.day += 1;
}
