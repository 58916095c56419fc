import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStaticSite } from './static-site.ts';

const DECODE = { br: brotliDecompressSync, gzip: gunzipSync, plain: (bytes: Uint8Array) => bytes };

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reelgate-site-'));
  await mkdir(join(directory, 'assets'));
  await writeFile(join(directory, 'index.html'), '<!doctype html>');
  await writeFile(join(directory, 'assets', 'app.js'), 'export const frames = 24;');
});
afterAll(() => rm(directory, { recursive: true }));

test.each([
  ['', 'plain'],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0, gzip;q=0.5', 'gzip'],
  ['gzip;q=0', 'plain'],
  ['*', 'plain'],
] as const)('to one who accepts "%s" a script comes %s', async (accepted, expected) => {
  const asset = await createStaticSite(directory).asset('app.js', accepted);
  expect(asset?.encoding ?? 'plain').toBe(expected);
  expect(Buffer.from(DECODE[expected](asset?.bytes ?? new Uint8Array())).toString()).toBe(
    'export const frames = 24;',
  );
});
