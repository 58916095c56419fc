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
  videos: Record<string, Video>;
}

export interface Video {
  readonly scopes: readonly string[];
  /** How many periods were over when it was accepted. */
  readonly at: Readonly<Record<Window, number>>;
  /** Reserved; once it is settled, what it used. */
  amounts: Amounts;
  charge: 'open' | 'parked' | 'settled' | 'released';
  holds: readonly Hold[];
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

export function hold(
  model: Model,
  video: string,
  { scopes, amounts, holds }: Pick<Video, 'scopes' | 'amounts' | 'holds'>,
): void {
  for (const { bucket, amount } of holds) {
    const hard = model.limits[bucket.slice(0, bucket.lastIndexOf(' '))] ?? null;
    model.buckets[bucket] ??= { reserved: 0, settled: 0, hard, overrun: 0 };
    model.buckets[bucket].reserved += amount;
  }
  model.videos[video] = { scopes, amounts, holds, at: { ...model.now }, charge: 'open' };
}

const isOpen = ({ state }: Pick<Hold, 'state'>) => state === 'held' || state === 'parked';

/**
 * Settles with the actual amounts, or releases: once, wherever the time has gone since. Only what comes after all, once it was
 * given up, is settled then, whatever room there is; and in limits that have come since.
 */
export function finish(model: Model, id: string, actual: Amounts | null): void {
  const video = model.videos[id];
  if (!video || video.charge === 'settled') return;
  if (video.charge === 'released') {
    if (actual === null) return;
    const counted = Object.keys(model.limits).flatMap((limit) => {
      const { metric, window, applies } = partsOf(limit, video);
      const bucket = `${limit} ${video.at[window]}`;
      if (!applies || metric === 'concurrent' || !model.buckets[bucket]) return [];
      return [end(model, { bucket, metric, amount: 0, state: 'held' }, actual)];
    });
    video.holds = [...video.holds.filter((hold) => hold.metric === 'concurrent'), ...counted];
  } else {
    video.holds = video.holds.map((hold) => (isOpen(hold) ? end(model, hold, actual) : hold));
  }
  video.charge = actual === null ? 'released' : 'settled';
  video.amounts = actual ?? video.amounts;
}

function partsOf(limit: string, video: Pick<Video, 'scopes'>) {
  const [scope, metric, window] = limit.split(' ') as [string, Metric, Window];
  return { metric, window, applies: video.scopes.includes(scope) };
}

/** It is no longer in flight, and keeps the rest. */
export function park(model: Model, id: string): void {
  const video = model.videos[id];
  if (video?.charge !== 'open') return;
  video.charge = 'parked';
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

/** For the open period too; those that are over keep the limit they had. A new one begins with what was spent in its period before. */
export function setLimit(model: Model, limit: string, hard: number | null): void {
  model.limits[limit] = hard;
  const name = `${limit} ${model.now[limit.split(' ')[2] as Window]}`;
  const bucket = model.buckets[name] ?? begin(model, limit, name);
  model.buckets[name] = bucket;
  const overrun = hard === null ? 0 : Math.max(0, bucket.reserved + bucket.settled - hard);
  Object.assign(bucket, { hard, overrun });
}

function begin(model: Model, limit: string, name: string): Model['buckets'][string] {
  const bucket = { reserved: 0, settled: 0, hard: null, overrun: 0 };
  for (const video of Object.values(model.videos)) {
    const { metric, window, applies } = partsOf(limit, video);
    if (!applies || video.at[window] !== model.now[window]) continue;
    if (video.charge === 'open' || (video.charge === 'parked' && metric !== 'concurrent')) {
      const state = video.charge === 'open' ? 'held' : 'parked';
      video.holds = [...video.holds, { bucket: name, metric, amount: video.amounts[metric], state }];
      bucket.reserved += video.amounts[metric];
    } else if (video.charge === 'settled' && metric !== 'concurrent') bucket.settled += video.amounts[metric];
  }
  return bucket;
}

/** A month that ends takes its last day along. */
export function roll(model: Model, over: 'month' | 'day'): void {
  if (over === 'month') model.now.month += 1;
  model.now.day += 1;
}
