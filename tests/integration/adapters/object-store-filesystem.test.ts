import { readdirSync, statSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createFilesystemObjectStore, type FilesystemObjectStore } from '@reelgate/adapters/filesystem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KIB, MIB, randomContent, streamOf } from './object-store-bodies.ts';

describe('object store on files, behind the port', () => {
  const signingSecret = 'a secret of this test, 32 bytes+';
  let directory: string;
  let now: number;
  let store: FilesystemObjectStore;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'reelgate-objects-'));
    now = Date.parse('2026-01-01T00:00:00Z');
    store = createFilesystemObjectStore({
      directory: join(directory, 'store'),
      publicUrl: 'https://videos.example/media/',
      signingSecret,
      now: () => now,
    });
    await store.ensureBucket();
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it.each([
    '',
    '/',
    '..',
    '../outside',
    'a/../../outside',
    'a/..',
    'a//b',
    '/etc/passwd',
    'a/',
    '.hidden',
    'a/.b',
    'a\\b',
    'a\0b',
    'a b',
    'a%2e%2e',
    'ä',
    'a'.repeat(513),
  ])('refuses the key %j everywhere', async (key) => {
    const options = { contentType: 'video/mp4' };
    await expect(store.put(key, streamOf(randomContent(1)), options)).rejects.toThrow('key');
    await expect(store.get(key)).rejects.toThrow('key');
    await expect(store.head(key)).rejects.toThrow('key');
    await expect(store.delete(key)).rejects.toThrow('key');
    const presigning = store.presign(key, { expiresInSeconds: 1, contentType: 'video/mp4', fileName: 'a' });
    await expect(presigning).rejects.toThrow('key');
    expect(await readdir(directory, { recursive: true })).toHaveLength(4);
  });

  it('refuses metadata that S3 could not carry', async () => {
    for (const metadata of [{ Name: 'x' }, { 'a b': 'x' }, { a: 'ü' }, { a: 'x\r\ny' }, { a: ' x' }]) {
      const putting = store.put('a', streamOf(randomContent(1)), { contentType: 'video/mp4', metadata });
      await expect(putting).rejects.toThrow('metadata');
    }
    expect(await store.head('a')).toBeNull();
  });

  it('keeps everything from other users of the machine', async () => {
    await store.put('v/a/b.mp4', streamOf(randomContent(10)), { contentType: 'video/mp4' });
    for (const entry of await readdir(join(directory, 'store'), { recursive: true, withFileTypes: true })) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      expect([entry.name, mode & 0o077]).toEqual([entry.name, 0]);
    }
  });

  it('shows nothing of an object before it is whole, and does not read far ahead of the disk', async () => {
    const temporary = join(directory, 'store', 'temporary');
    const chunk = randomContent(64 * KIB);
    const { promise: given, resolve } = Promise.withResolvers<void>();
    let pushed = 0;
    let readAhead = 0;
    const body = new Readable({
      read() {
        const [draft] = readdirSync(temporary);
        const written = draft ? statSync(join(temporary, draft)).size : 0;
        readAhead = Math.max(readAhead, pushed - written);
        if (pushed === 20 * MIB) return resolve();
        pushed += chunk.length;
        this.push(chunk);
      },
    });
    const abort = new AbortController();
    const putting = store.put('v/a', body, { contentType: 'video/mp4', signal: abort.signal });
    const settled = expect(putting).rejects.toThrow('stop it');
    await given;
    expect(await store.head('v/a')).toBeNull();
    expect(await store.get('v/a')).toBeNull();
    expect(readdirSync(temporary)).toHaveLength(1);
    abort.abort(new Error('stop it'));
    await settled;
    expect(readAhead).toBeGreaterThan(0);
    expect(readAhead).toBeLessThan(1 * MIB);
    expect(readdirSync(temporary)).toHaveLength(0);
  });

  it('removes what dead writers left, and nothing younger', async () => {
    const temporary = join(directory, 'store', 'temporary');
    await writeFile(join(temporary, 'dead'), 'x');
    await writeFile(join(temporary, 'living'), 'x');
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(join(temporary, 'dead'), twoHoursAgo, twoHoursAgo);
    await store.ensureBucket();
    expect(await readdir(temporary)).toEqual(['living']);
  });

  const presigned = async (): Promise<URL> =>
    new URL(
      await store.presign('v/a=1/b.mp4', {
        expiresInSeconds: 60,
        contentType: 'video/mp4; x="y"',
        fileName: 'Käse & "Brot".mp4',
      }),
    );

  it('tells what a URL of its own gives access to, until it expires', async () => {
    const url = await presigned();
    expect(url.href.startsWith('https://videos.example/media/objects/v/a=1/b.mp4?')).toBe(true);
    const granted = {
      key: 'v/a=1/b.mp4',
      contentType: 'video/mp4; x="y"',
      fileName: 'Käse & "Brot".mp4',
    };
    expect(store.verifyPresigned(url)).toEqual(granted);
    // A proxy may give the gateway another origin and no prefix.
    expect(store.verifyPresigned(new URL(`http://127.0.0.1/objects/v/a=1/b.mp4${url.search}`))).toEqual(
      granted,
    );
    now += 59_999;
    expect(store.verifyPresigned(url)).toEqual(granted);
    now += 1;
    expect(store.verifyPresigned(url)).toBeNull();
  });

  it.each<[string, (url: URL) => unknown]>([
    ['another key', (url) => Object.assign(url, { pathname: url.pathname.replace('b.mp4', 'c.mp4') })],
    [
      'another path',
      (url) => Object.assign(url, { pathname: url.pathname.replace('/objects/', '/object/') }),
    ],
    ['a later end', (url) => url.searchParams.set('expires', '99999999999')],
    [
      'an end in another form',
      (url) => url.searchParams.set('expires', `0${url.searchParams.get('expires')}`),
    ],
    ['another type', (url) => url.searchParams.set('type', 'text/html')],
    ['another name', (url) => url.searchParams.set('name', 'evil.exe')],
    ['no signature', (url) => url.searchParams.delete('signature')],
    ['an empty signature', (url) => url.searchParams.set('signature', '')],
    [
      'a signature cut short',
      (url) => url.searchParams.set('signature', url.searchParams.get('signature')?.slice(0, 20) ?? ''),
    ],
    ['a parameter more', (url) => url.searchParams.set('more', '1')],
    ['a parameter twice', (url) => url.searchParams.append('type', 'video/mp4; x="y"')],
    ['no parameters', (url) => Object.assign(url, { search: '' })],
  ])('refuses a URL with %s', async (_name, change) => {
    const url = await presigned();
    change(url);
    expect(store.verifyPresigned(url)).toBeNull();
  });

  it('refuses a URL that another secret signed, and a secret that is too short', async () => {
    const url = await presigned();
    const options = { directory, publicUrl: 'https://videos.example/media', now: () => now };
    const other = createFilesystemObjectStore({ ...options, signingSecret: 'x'.repeat(32) });
    expect(other.verifyPresigned(url)).toBeNull();
    const same = createFilesystemObjectStore({ ...options, signingSecret });
    expect(same.verifyPresigned(url)).not.toBeNull();
    expect(() => createFilesystemObjectStore({ ...options, signingSecret: 'short' })).toThrow('32');
  });

  it.each([0, -1, 1.5, Number.NaN, 7 * 24 * 60 * 60 + 1])(
    'signs no URL for %d seconds',
    async (expiresInSeconds) => {
      const options = { expiresInSeconds, contentType: 'video/mp4', fileName: 'a' };
      await expect(store.presign('a', options)).rejects.toThrow('expiresInSeconds');
    },
  );
});
