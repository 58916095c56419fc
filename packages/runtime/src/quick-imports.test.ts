import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

test('there is one drizzle-orm, as the short cut into it takes for granted', async () => {
  const lockfile = new URL('../../../package-lock.json', import.meta.url);
  const { packages } = JSON.parse(await readFile(lockfile, 'utf8')) as { packages: object };
  const copies = Object.keys(packages).filter((path) => path.endsWith('node_modules/drizzle-orm'));
  expect(copies).toEqual(['node_modules/drizzle-orm']);
});
