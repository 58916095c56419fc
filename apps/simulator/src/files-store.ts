import { randomBytes } from 'node:crypto';
import type { UploadedFile } from './form.ts';

export interface KeptFile {
  readonly id: string;
  readonly purpose: string;
  readonly upload: UploadedFile;
  readonly createdAtMs: number;
  /** Unix milliseconds; null where it does not expire. */
  readonly expiresAtMs: number | null;
}

export interface FilesStore {
  add(file: Pick<KeptFile, 'purpose' | 'upload'>, lifeSeconds: number | null, nowMs: number): KeptFile;
  /** A file that callers may see. */
  find(id: string, nowMs: number): KeptFile | undefined;
  delete(id: string): void;
  /** Newest last, deleted and expired ones included: a page may begin after them. */
  all(): readonly (KeptFile & { readonly deleted: boolean })[];
  clear(): void;
}

export function createFilesStore(): FilesStore {
  let files: KeptFile[] = [];
  const deleted = new Set<string>();
  return {
    add(given, lifeSeconds, nowMs) {
      const file: KeptFile = {
        ...given,
        id: `file-${randomBytes(16).toString('hex')}`,
        createdAtMs: nowMs,
        expiresAtMs: lifeSeconds === null ? null : nowMs + lifeSeconds * 1000,
      };
      files.push(file);
      return file;
    },
    find(id, nowMs) {
      const file = files.find((each) => each.id === id && !deleted.has(id));
      return file && (file.expiresAtMs ?? Number.POSITIVE_INFINITY) > nowMs ? file : undefined;
    },
    delete: (id) => void deleted.add(id),
    all: () => files.map((file) => ({ ...file, deleted: deleted.has(file.id) })),
    clear() {
      files = [];
      deleted.clear();
    },
  };
}
