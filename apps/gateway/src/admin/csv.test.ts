import { expect, test } from 'vitest';
import { z } from 'zod';
import { columnsOf } from './columns.ts';
import { cell, csvLines } from './csv.ts';

test.each([
  ['=cmd()', "'=cmd()"],
  ['+1+1', "'+1+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['-2+3', "'-2+3"],
  ['\t=1', "'\t=1"],
  [' =1', "' =1"],
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ['-42', '-42'],
  ['1.5', '1.5'],
  ['a "quoted" word, and a comma', '"a ""quoted"" word, and a comma"'],
  ['two\nlines', '"two\nlines"'],
  [null, ''],
  [7, '7'],
  [['a', 'b'], '"[""a"",""b""]"'],
])('%j stands as %j', (value, text) => {
  expect(cell(value)).toBe(text);
});

test('a nested object becomes columns of its own', async () => {
  const row = z.object({
    id: z.string(),
    object: z.literal('x'),
    team: z.object({ id: z.string(), name: z.string() }),
    error: z.object({ code: z.string() }).nullable(),
  });
  const lines: string[] = [];
  const rows = [{ id: '1', object: 'x', team: { id: 't', name: '=evil' }, error: null }];
  for await (const line of csvLines(columnsOf(row), rows)) lines.push(line);
  expect(lines).toEqual(['id,team.id,team.name,error.code\r\n', "1,t,'=evil,\r\n"]);
});
