import { readFile } from 'node:fs/promises';
import { SCOPES } from '@reelgate/contract';
import { expect, test } from 'vitest';

test('docs/keys.md names every scope, and what it is good for', async () => {
  const page = await readFile(new URL('../../../docs/keys.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z:]+)` \| (.+) \|$/gm)].map(([, scope, text]) => [scope, text]);
  expect(rows.map(([scope]) => scope)).toEqual(Object.keys(SCOPES));
});
