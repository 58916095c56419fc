import { randomInt } from 'node:crypto';

/** scrypt, as the sign-in checks it. */
export { hashPassword } from 'better-auth/crypto';

/** Without letters and digits that look alike. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 5;
const GROUP_LENGTH = 4;

/** A password that nobody has thought of: 99 bits, in groups that can be typed from paper. */
export function newPassword(): string {
  const group = () =>
    Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}
