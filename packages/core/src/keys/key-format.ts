/**
 * `rg_live_<8 public characters>_<32 random><6 checksum>`, base62. The checksum refuses a mistyped key without a look-up;
 * the fixed prefix lets secret scanners find leaked ones.
 */
import { createHmac, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const KEY_PATTERN = /^rg_live_([0-9A-Za-z]{8})_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;

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
export function generateKey(): { readonly secret: string; readonly prefix: string } {
  const prefix = random(8);
  const body = `rg_live_${prefix}_${random(32)}`;
  return { secret: body + checksum(body), prefix };
}

/** The public part of a well-formed key, or null: then no look-up is needed. */
export function parseKey(secret: string): { readonly prefix: string } | null {
  const match = KEY_PATTERN.exec(secret);
  if (!match?.[1] || !match[3]) return null;
  return checksum(secret.slice(0, -6)) === match[3] ? { prefix: match[1] } : null;
}

/** What is stored of a key. 190 random bits need no slow hash; the pepper keeps a stolen table useless. */
export function hashKey(secret: string, pepper: string): string {
  return createHmac('sha256', pepper).update(secret).digest('hex');
}
