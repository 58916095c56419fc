/** How numbers, money and times are written. Money is integer micro-US-dollars; its exact value is always at hand. */
const whole = new Intl.NumberFormat('en-US');
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
const MICRO = 1_000_000n;

export type MicroUsd = number | string | bigint;

/** To the cent, or exactly where it is below one. */
export function formatMoney(value: MicroUsd): string {
  const micro = BigInt(value);
  const absolute = micro < 0n ? -micro : micro;
  if (absolute > 0n && absolute < MICRO / 100n) return formatExactMoney(micro);
  const cents = (absolute + 5_000n) / 10_000n;
  return `${micro < 0n ? '−' : ''}$${whole.format(cents / 100n)}.${String(cents % 100n).padStart(2, '0')}`;
}

/** Without a rounding: at least two and at most six decimals. */
export function formatExactMoney(value: MicroUsd): string {
  const micro = BigInt(value);
  const absolute = micro < 0n ? -micro : micro;
  const decimals = String(absolute % MICRO)
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${micro < 0n ? '−' : ''}$${whole.format(absolute / MICRO)}.${decimals}`;
}

/** For axes: `$1.2K`. */
export function formatShortMoney(value: MicroUsd): string {
  return `$${compact.format(Number(value) / 1e6)}`;
}

export function formatNumber(value: number | bigint): string {
  return whole.format(value);
}

export function formatShortNumber(value: number): string {
  return compact.format(value);
}

export function formatPercent(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

export function formatBytes(bytes: number): string {
  const exponent = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** exponent;
  return `${exponent > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[exponent]}`;
}

/** `42 s`, `3 min 20 s`, `2 h 5 min`, `3 d`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.round((seconds % 3_600) / 60)} min`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** For axes: `45s`, `3m`, `2h`. */
export function formatShortDuration(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  return seconds < 3_600
    ? `${Number((seconds / 60).toFixed(1))}m`
    : `${Number((seconds / 3_600).toFixed(1))}h`;
}

/** `1 video`, `2 videos`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

const dateTime = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});
const shortDate = new Intl.DateTimeFormat('en-GB', { month: 'short', day: 'numeric' });
const shortTime = new Intl.DateTimeFormat('en-GB', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

export type Moment = string | number | Date;

/** A number is Unix seconds, as everywhere in the API. */
export function toDate(moment: Moment): Date {
  return typeof moment === 'number' ? new Date(moment * 1000) : new Date(moment);
}

export const formatDateTime = (moment: Moment): string => dateTime.format(toDate(moment));
export const formatDate = (moment: Moment): string => shortDate.format(toDate(moment));
export const formatShortTime = (moment: Moment): string => shortTime.format(toDate(moment));

export function formatAgo(moment: Moment, now: Date): string {
  const seconds = (now.getTime() - toDate(moment).getTime()) / 1000;
  const distance = Math.abs(seconds);
  if (distance < 5) return 'now';
  const text = roughly(distance);
  return seconds > 0 ? `${text} ago` : `in ${text}`;
}

function roughly(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** `12.5` or `1,250` dollars as micro-US-dollars; null where that is no amount. */
export function parseMoney(text: string): string | null {
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text.trim().replaceAll(/[,$\s]/g, ''));
  if (!match) return null;
  return (BigInt(match[1] ?? '0') * MICRO + BigInt((match[2] ?? '').padEnd(6, '0'))).toString();
}

/** For the value of a field: `250` or `12.50`. */
export function moneyToText(value: MicroUsd): string {
  return formatExactMoney(value).replaceAll(/[$,]/g, '').replace(/\.00$/, '');
}

/** An amount of what a quota counts. */
export function formatQuantity(metric: string, value: MicroUsd): string {
  if (metric === 'cost') return formatMoney(value);
  if (metric === 'seconds') return `${formatNumber(BigInt(value))} s`;
  return formatNumber(BigInt(value));
}
