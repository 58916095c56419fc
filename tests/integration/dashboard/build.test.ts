import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildDashboard } from '@reelgate/standalone/dashboard-build';
import { beforeAll, describe, expect, test } from 'vitest';

const checkout = fileURLToPath(new URL('../../..', import.meta.url));
const site = new URL('../../../apps/dashboard/dist/site/', import.meta.url);
const FIRST_LOAD_BYTES = 250_000;

beforeAll(() => buildDashboard(checkout, { step: () => {} }));

const asset = (name: string) => readFile(new URL(`assets/${name}`, site), 'utf8');

/** What a browser fetches before anything is clicked: the scripts of the page and what they import at once. */
async function firstLoad(): Promise<string[]> {
  const page = await readFile(new URL('index.html', site), 'utf8');
  const found = new Set([...page.matchAll(/\/assets\/([\w.-]+\.js)/g)].map((match) => match[1] ?? ''));
  for (const name of found) {
    // Not `import(…)`: that comes later.
    const text = await asset(name);
    for (const [, imported = ''] of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g))
      found.add(imported);
  }
  return [...found];
}

describe('the build', () => {
  test('loads less than 250 kB of compressed script before the charts', async () => {
    const scripts = await Promise.all((await firstLoad()).map(asset));
    const bytes = scripts.reduce((sum, text) => sum + gzipSync(text).length, 0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(FIRST_LOAD_BYTES);
  });

  test('with the page that comes first, too', async () => {
    const names = await readdir(new URL('assets/', site));
    const pages = names.filter((name) => /^(overview|teams)-[\w-]+\.js$/.test(name));
    expect(pages.length).toBeGreaterThanOrEqual(2);
    const first = new Set(await firstLoad());
    const texts = await Promise.all([...first, ...pages.filter((name) => !first.has(name))].map(asset));
    expect(texts.reduce((sum, text) => sum + gzipSync(text).length, 0)).toBeLessThan(FIRST_LOAD_BYTES);
  });

  test('keeps charts and the schemas of the API out of what is loaded first', async () => {
    const scripts = (await Promise.all((await firstLoad()).map(asset))).join('\n');
    expect(scripts).not.toContain('recharts');
    expect(scripts).not.toContain('ZodObject');
  });

  test('refers to nothing elsewhere', async () => {
    const names = (await readdir(new URL('assets/', site))).filter((name) => /\.(js|css)$/.test(name));
    for (const name of names) {
      const text = await asset(name);
      const addresses = [
        ...text.matchAll(/(?:url\(|fetch\(|src=|import\s*\(?)\s*["'`]?(https?:\/\/[^"'`)\s]+)/g),
      ];
      expect(
        addresses.map((match) => match[1]),
        name,
      ).toEqual([]);
    }
  });
});
