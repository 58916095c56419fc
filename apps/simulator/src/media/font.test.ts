import { expect, it } from 'vitest';
import { CELL_HEIGHT, CELL_WIDTH, glyphRows, wrapText } from './font.ts';

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));

it('draws every printable ASCII character within its cell, and no two alike', () => {
  const drawn = printable.map((character) => {
    const rows = glyphRows(character);
    expect(rows).toHaveLength(CELL_HEIGHT);
    for (const row of rows) expect(row, character).toMatch(new RegExp(`^[.#]{${CELL_WIDTH - 1}}$`));
    return rows.join('\n');
  });
  expect(new Set(drawn).size).toBe(95);
});

it('draws what it lacks as a box', () => {
  expect(glyphRows('é')).toEqual(glyphRows('漢'));
  expect(glyphRows('\n')).toEqual(glyphRows('é'));
  expect(printable.map((character) => glyphRows(character))).not.toContainEqual(glyphRows('é'));
});

it('breaks lines between words, and words that are longer than a line', () => {
  expect(wrapText('a paper boat on a pond', 10)).toEqual(['a paper', 'boat on a', 'pond']);
  expect(wrapText('to abcdefghijklm z', 5)).toEqual(['to', 'abcde', 'fghij', 'klm z']);
  expect(wrapText('  ', 5)).toEqual([]);
});
