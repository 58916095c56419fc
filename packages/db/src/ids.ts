import { randomBytes } from 'node:crypto';

const PREFIXES = {
  team: 'team',
  apiKey: 'key',
  video: 'video',
  character: 'char',
  file: 'file',
  submission: 'sub',
  price: 'price',
  quotaLimit: 'quota',
  quotaGrant: 'grant',
  budgetRequest: 'breq',
  event: 'evt',
  webhookEndpoint: 'whe',
  delivery: 'dlv',
  audit: 'aud',
  shareLink: 'share',
  user: 'user',
} as const;

export type IdKind = keyof typeof PREFIXES;

/** A typed id: prefix, underscore (a hyphen for files, as callers know them), 128 random bits in hex. Not ordered by time, so that ids do not tell how much a company renders. */
export function newId(kind: IdKind): string {
  return `${PREFIXES[kind]}${kind === 'file' ? '-' : '_'}${randomBytes(16).toString('hex')}`;
}
