import { randomBytes } from 'node:crypto';

/** `whsec_` and the standard base64 of 32 bytes, which every SDK accepts. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** Enough of a secret to tell it from others. */
export function hintOf(secret: string): string {
  return `whsec_...${secret.slice(-4)}`;
}
