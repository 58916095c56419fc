/** What limits are on, and over what, in words. */
export const WINDOWS = {
  month: 'a month',
  day: 'a day',
  none: 'for ever',
  leaky: 'leaky',
  minute: 'a minute',
} as const;
export const METRICS = {
  cost: 'Cost',
  seconds: 'Seconds',
  videos: 'Videos',
  concurrent: 'At the same time',
  requests: 'Requests',
} as const;
