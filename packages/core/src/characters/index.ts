export { type CharacterView, createCharacter } from './create-character.ts';
export { getCharacter, resolveCharacters } from './get-character.ts';
export { findCharacters } from './queries.ts';
