import { link, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { createObjectStore, type ObjectStoreSettings } from '@reelgate/adapters/object-store';
import { eachOf } from './each-of.ts';
import type { FilmFile } from './films.ts';

/** Where the files of the demonstration go. */
export interface DemoStore {
  readonly bucket: string;
  /** Of how many of the newest videos, unless it is said otherwise. */
  readonly newest: number;
  /** Puts each object with the bytes of the file that has its hash. */
  place(objects: readonly StoredObject[], files: readonly FilmFile[]): Promise<void>;
}

export interface StoredObject {
  readonly key: string;
  /** In hex. */
  readonly sha256: string;
}

export function openDemoStore(settings: ObjectStoreSettings): DemoStore {
  const { store } = createObjectStore(settings);
  const put = async (key: string, { data, contentType }: FilmFile) => {
    await store.put(key, Readable.from([data]), { contentType });
  };
  return {
    bucket: store.bucket,
    // Names of one file cost little more than their folders; in a bucket every object is bytes of its own.
    newest: settings.kind === 's3' ? 300 : 20_000,
    async place(objects, files) {
      const fileOf = new Map(files.map((file) => [file.sha256, file]));
      const firstKeys = new Map<string, string>();
      const copies: [from: string, to: string][] = [];
      const puts: [key: string, file: FilmFile][] = [];
      for (const { key, sha256 } of objects) {
        const file = fileOf.get(sha256);
        if (!file) throw new Error(`No film has the hash of ${key}`);
        const first = firstKeys.get(sha256);
        if (settings.kind === 'filesystem' && first !== undefined) {
          copies.push([first, key]);
          continue;
        }
        firstKeys.set(sha256, key);
        puts.push([key, file]);
      }
      await eachOf(puts, ([key, file]) => put(key, file));
      if (settings.kind === 'filesystem') {
        await eachOf(copies, ([from, to]) => linkObject(settings.directory, from, to));
      }
      store.close();
    },
  };
}

/** The store of files keeps bytes and what they are apart; both get one more name. */
async function linkObject(directory: string, from: string, to: string): Promise<void> {
  for (const [folder, ending] of [
    ['metadata', '.json'],
    ['objects', ''],
  ] as const) {
    const target = join(directory, folder, `${to}${ending}`);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await link(join(directory, folder, `${from}${ending}`), target);
  }
}
