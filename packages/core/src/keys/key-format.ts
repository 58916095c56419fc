/**
 * `rg_<kind>_<8 public characters>_<32 random><6 checksum>`, base62. The checksum refuses a mistyped key without a look-up;
 * the fixed beginning lets secret scanners find leaked ones.
 */
import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const KEY_PATTERN = /^rg_(live|test|admin)_([0-9A-Za-z]{8})_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;

/** `live` makes videos that cost money, `test` videos that cost nothing; `admin` administers and makes none. */
export type KeyKind = 'live' | 'test' | 'admin';

function random(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

function checksum(text: string): string {
  let rest = crc32(text);
  let out = '';
  for (let i = 0; i < 6; i++) {
    out = ALPHABET[rest % 62] + out;
    rest = Math.floor(rest / 62);
  }
  return out;
}

/** A new key: the secret itself, shown once, and the public part that finds it again. */
export function generateKey(kind: KeyKind): { readonly secret: string; readonly prefix: string } {
  const prefix = random(8);
  const body = `rg_${kind}_${prefix}_${random(32)}`;
  return { secret: body + checksum(body), prefix };
}

/** The public parts of a well-formed key, or null: then no look-up is needed. */
export function parseKey(secret: string): { readonly kind: KeyKind; readonly prefix: string } | null {
  const [, kind, prefix, , sum] = KEY_PATTERN.exec(secret) ?? [];
  if (kind === undefined || prefix === undefined) return null;
  return checksum(secret.slice(0, -6)) === sum ? { kind: kind as KeyKind, prefix } : null;
}
