/** What quotas are to do, one command after the other and in memory; what Postgres has done is held against it. */
export const METRICS = ['cost', 'seconds', 'videos', 'concurrent'] as const;
export type Metric = (typeof METRICS)[number];
export type Window = 'month' | 'day' | 'none' | 'leaky';
/** All videos; those of the dearer model; those with the label. */
export const SELECTORS = ['all', 'model', 'label'] as const;
export type Selector = (typeof SELECTORS)[number];
/** Whether a video is of the dearer model, and whether it has the label. */
export interface Traits {
  readonly dear: boolean;
  readonly labelled: boolean;
}
export type Amounts = Readonly<Record<Metric, number>>;

export interface Model {
  /** Hard limits by `kind:id metric window selector`; null only counts. */
  limits: Record<string, number | null>;
  /** By limit. */
  grants: Record<string, readonly Grant[]>;
  /** How many periods are over. */
  now: Record<Window, number>;
  /** By limit and period. */
  buckets: Record<string, Bucket>;
  videos: Record<string, Video>;
}

export interface Bucket {
  reserved: number;
  settled: number;
  hard: number | null;
  overrun: number;
  /** What a leaky window has let go of; and what it may let go of since, as soon as something comes to it. */
  leaked: number;
  dripping: number;
}

/** More of a limit until it ends. */
export interface Grant {
  readonly name: string;
  readonly amount: number;
  readonly ended: boolean;
}

export interface Video {
  readonly traits: Traits;
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
  grants: {},
  now: { month: 0, day: 0, none: 0, leaky: 0 },
  buckets: {},
  videos: {},
});

interface Limit {
  readonly scope: string;
  readonly metric: Metric;
  readonly window: Window;
  readonly selector: Selector;
}

export function parseLimit(name: string): Limit {
  const [scope, metric, window, selector] = name.split(' ') as [string, Metric, Window, Selector];
  return { scope, metric, window, selector };
}

const selects = ({ selector }: Limit, { dear, labelled }: Traits) =>
  selector === 'all' || (selector === 'model' ? dear : labelled);

const granted = (model: Model, limit: string) =>
  (model.grants[limit] ?? []).reduce((sum, grant) => sum + (grant.ended ? 0 : grant.amount), 0);

const newBucket = (hard: number | null): Bucket => ({
  reserved: 0,
  settled: 0,
  hard,
  overrun: 0,
  leaked: 0,
  dripping: 0,
});

const level = ({ reserved, settled, leaked }: Bucket) => reserved + settled - leaked;

/** Once empty, it begins anew. */
function drip(bucket: Bucket): void {
  if (bucket.dripping >= level(bucket)) bucket.leaked = bucket.reserved + bucket.settled;
  else bucket.leaked += bucket.dripping;
  bucket.dripping = 0;
}

/** What the video would hold of every limit; or nothing, and the codes of which one is the right refusal. */
export function room(
  model: Model,
  scopes: readonly string[],
  amounts: Amounts,
  traits: Traits,
): { holds: Hold[]; refusals: string[] } {
  const holds: Hold[] = [];
  for (const scope of scopes) {
    const refusals: string[] = [];
    for (const [name, limit] of Object.entries(model.limits)) {
      const parts = parseLimit(name);
      if (parts.scope !== scope || !selects(parts, traits)) continue;
      const { metric } = parts;
      const amount = amounts[metric];
      const bucket = `${name} ${model.now[parts.window]}`;
      const { dripping, ...seen } = model.buckets[bucket] ?? newBucket(limit);
      const used = Math.max(0, level({ ...seen, dripping }) - dripping);
      const hard = limit === null ? null : limit + granted(model, name);
      if (hard === null || used + amount <= hard) holds.push({ bucket, metric, amount, state: 'held' });
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
  { scopes, amounts, holds, traits }: Pick<Video, 'scopes' | 'amounts' | 'holds' | 'traits'>,
): void {
  for (const { bucket: name, amount } of holds) {
    const bucket = model.buckets[name] ?? newBucket(model.limits[limitOf(name)] ?? null);
    model.buckets[name] = bucket;
    drip(bucket);
    bucket.reserved += amount;
  }
  model.videos[video] = { scopes, amounts, holds, traits, at: { ...model.now }, charge: 'open' };
}

const limitOf = (bucket: string) => bucket.slice(0, bucket.lastIndexOf(' '));

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
      if (window === 'leaky' && !video.holds.some((held) => held.bucket === bucket)) return [];
      return [end(model, { bucket, metric, amount: 0, state: 'held' }, actual)];
    });
    video.holds = [...video.holds.filter((hold) => hold.metric === 'concurrent'), ...counted];
  } else {
    video.holds = video.holds.map((hold) => (isOpen(hold) ? end(model, hold, actual) : hold));
  }
  video.charge = actual === null ? 'released' : 'settled';
  video.amounts = actual ?? video.amounts;
}

function partsOf(name: string, video: Pick<Video, 'scopes' | 'traits'>) {
  const limit = parseLimit(name);
  return { ...limit, applies: video.scopes.includes(limit.scope) && selects(limit, video.traits) };
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
    bucket.leaked = Math.min(bucket.leaked, bucket.reserved + bucket.settled);
  }
  return { ...hold, state: actual === null ? 'released' : 'settled' };
}

/** For the open period too; those that are over keep the limit they had. A new one begins with what was spent in its period before. */
export function setLimit(model: Model, limit: string, hard: number | null): void {
  model.limits[limit] = hard;
  const name = `${limit} ${model.now[parseLimit(limit).window]}`;
  const bucket = model.buckets[name] ?? begin(model, limit, name);
  model.buckets[name] = bucket;
  drip(bucket);
  bucket.hard = hard;
  bucket.overrun = hard === null ? 0 : Math.max(0, level(bucket) - hard);
}

/** False where there is no limit that could be raised. */
export function grant(model: Model, limit: string, more: Pick<Grant, 'name' | 'amount'>): boolean {
  if (model.limits[limit] == null) return false;
  model.grants[limit] = [...(model.grants[limit] ?? []), { ...more, ended: false }];
  // An open bucket is put in order by it, as by a new limit.
  setLimit(model, limit, model.limits[limit]);
  return true;
}

/** Before its time, where it has not ended. */
export function ungrant(model: Model, limit: string, name: string): void {
  const grants = model.grants[limit] ?? [];
  if (!grants.some((one) => one.name === name && !one.ended)) return;
  model.grants[limit] = grants.map((one) => (one.name === name ? { ...one, ended: true } : one));
  setLimit(model, limit, model.limits[limit] ?? null);
}

/** All grants come to their end by themselves. */
export function expire(model: Model): void {
  for (const [limit, grants] of Object.entries(model.grants))
    model.grants[limit] = grants.map((one) => ({ ...one, ended: true }));
}

/** So much time goes by that every leaky window that has a limit may let go of so many units. */
export function leak(model: Model, units: number): void {
  for (const [name, bucket] of Object.entries(model.buckets))
    if (parseLimit(name).window === 'leaky' && bucket.hard) bucket.dripping += units;
}

function begin(model: Model, limit: string, name: string): Model['buckets'][string] {
  const bucket = newBucket(null);
  if (parseLimit(limit).window === 'leaky') return bucket;
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
