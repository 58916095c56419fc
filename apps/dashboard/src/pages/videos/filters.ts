import { periodOf, type RangeSearch } from '../../shell/time-range.tsx';

/** The filters of the page as they stand in its URL; several values of one are separated by commas. */
export interface VideoSearch {
  readonly q?: string | undefined;
  readonly status?: string | undefined;
  readonly state?: string | undefined;
  readonly team?: string | undefined;
  readonly key?: string | undefined;
  readonly model?: string | undefined;
  readonly upstream?: string | undefined;
  readonly operation?: string | undefined;
  readonly error?: string | undefined;
  readonly tag?: string | undefined;
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  readonly root?: string | undefined;
  readonly show?: string | undefined;
}

/** What the API is asked for. `show` is one of the sets that have a name of their own. */
export function videoQuery(search: VideoSearch, range: RangeSearch) {
  const { from, to } = periodOf(range);
  const { show } = search;
  return {
    q: search.q || undefined,
    status: search.status || undefined,
    state: search.state || undefined,
    team_id: search.team || undefined,
    key_id: search.key || undefined,
    model: search.model || undefined,
    upstream_id: search.upstream || undefined,
    operation: search.operation || undefined,
    error_code: search.error || undefined,
    tag: search.tag?.includes(':') ? search.tag : undefined,
    cost_min_micro_usd: search.min || undefined,
    cost_max_micro_usd: search.max || undefined,
    root_id: search.root || undefined,
    // What needs somebody is shown whenever it was made.
    created_after: show === 'at_risk' || show === 'stuck' || search.root ? undefined : from,
    created_before: to,
    at_risk: show === 'at_risk' ? 'true' : undefined,
    stuck: show === 'stuck' ? 'true' : undefined,
    hold: show === 'hold' ? 'true' : undefined,
    deleted: show === 'deleted' ? ('only' as const) : undefined,
  };
}

export type VideoQuery = ReturnType<typeof videoQuery>;

export const SETS = {
  at_risk: 'At risk',
  stuck: 'Stuck',
  hold: 'On hold',
  deleted: 'Deleted',
} as const;

const LISTS = ['status', 'state', 'team', 'key', 'model', 'upstream', 'operation', 'error'] as const;
export type ListFilter = (typeof LISTS)[number];

export function chosen(search: VideoSearch, name: ListFilter): readonly string[] {
  return search[name]?.split(',').filter(Boolean) ?? [];
}

/** The value of the filter with `value` added, or without it. */
export function toggled(search: VideoSearch, name: ListFilter, value: string): string | undefined {
  const before = chosen(search, name);
  const after = before.includes(value) ? before.filter((other) => other !== value) : [...before, value];
  return after.join(',') || undefined;
}

export function isFiltered(search: VideoSearch): boolean {
  const { q, tag, min, max, root, show } = search;
  return Boolean(q || tag || min || max || root || show) || LISTS.some((name) => search[name]);
}

/** No filter at all, as a change of the URL. */
export const CLEARED = {
  q: undefined,
  status: undefined,
  state: undefined,
  team: undefined,
  key: undefined,
  model: undefined,
  upstream: undefined,
  operation: undefined,
  error: undefined,
  tag: undefined,
  min: undefined,
  max: undefined,
  root: undefined,
  show: undefined,
} as const satisfies VideoSearch;
