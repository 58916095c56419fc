import { randomBytes } from 'node:crypto';
import type { UploadedFile } from './form.ts';

export interface Character {
  readonly id: string;
  readonly name: string;
  readonly video: UploadedFile;
  readonly createdAtMs: number;
  /** Unix milliseconds. A forgotten character is gone for callers and stays for the auditor. */
  forgottenAtMs: number | null;
}

export interface CharactersStore {
  add(character: Pick<Character, 'name' | 'video'>, nowMs: number): Character;
  /** A character that callers may see. */
  find(id: string): Character | undefined;
  /** Forgets one, or all, and returns how many. */
  forget(id: string | undefined, nowMs: number): number;
  /** Every one there ever was, oldest first. */
  all(): readonly Character[];
  clear(): void;
}

export function createCharactersStore(): CharactersStore {
  let characters: Character[] = [];
  const find = (id: string) => characters.find((each) => each.id === id && each.forgottenAtMs === null);
  return {
    add(given, nowMs) {
      const id = `char_${randomBytes(16).toString('hex')}`;
      const character: Character = { ...given, id, createdAtMs: nowMs, forgottenAtMs: null };
      characters.push(character);
      return character;
    },
    find,
    forget(id, nowMs) {
      const forgotten = characters.filter(
        (each) => each.forgottenAtMs === null && (id === undefined || each.id === id),
      );
      for (const character of forgotten) character.forgottenAtMs = nowMs;
      return forgotten.length;
    },
    all: () => characters,
    clear() {
      characters = [];
    },
  };
}
