/** How the words after an option are read; what is wrong with them is told by Commander, with the name of the option. */
import { InvalidArgumentError } from 'commander';

/** Seven days at most, as with a leaky window and a presigned URL. */
export function wholeSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 604_800) return seconds;
  throw new InvalidArgumentError('It must be a whole number from 1 to 604800 (seven days).');
}

export function wholeNumber(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new InvalidArgumentError('It must be a whole number, 1 or more.');
}

/** A time such as `24h`, in seconds. */
export function span(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd]?)$/.exec(text) ?? [];
  const seconds = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 }[unit ?? ''];
  if (count !== undefined && seconds !== undefined) return Number(count) * seconds;
  throw new InvalidArgumentError('It must be a time such as 30m, 24h or 7d.');
}

export function moment(text: string): Date {
  const at = dateOf(text);
  if (at) return at;
  throw new InvalidArgumentError('It must be a moment such as 2026-11-02T00:00:00Z.');
}

/** When something ends: a date, or a time from now such as `90d`. */
export function ending(text: string): Date {
  if (/^\d+[smhd]$/.test(text)) return new Date(Date.now() + span(text) * 1_000);
  const at = dateOf(text);
  if (at) return at;
  throw new InvalidArgumentError('It must be a date such as 2027-01-31, or a time from now such as 90d.');
}

/** Null where it is none; `Date` itself also takes `1`. */
function dateOf(text: string): Date | null {
  const at = new Date(text);
  return /^\d{4}-/.test(text) && !Number.isNaN(at.getTime()) ? at : null;
}
