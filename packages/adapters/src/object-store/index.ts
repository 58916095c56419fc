/** The one place that knows which object stores there are; gateway and worker take theirs from here. */
import { createFilesystemObjectStore, type PresignedObject } from '../filesystem/index.ts';
import { createS3ObjectStore, type S3ObjectStore, type S3ObjectStoreOptions } from '../s3/index.ts';

import { withLifeboat } from './with-lifeboat.ts';

export type { PresignedObject } from '../filesystem/index.ts';

export type ObjectStoreSettings =
  | ({ readonly kind: 's3' } & S3ObjectStoreOptions)
  | {
      readonly kind: 'filesystem';
      readonly directory: string;
      /** Where the gateway is reached; its `/objects/` serves presigned URLs. */
      readonly publicUrl: string;
      /** At least 32 bytes, the same for every process on this directory. */
      readonly signingSecret: string;
    };

export interface OpenObjectStore {
  /** Both kinds have the same abilities; see `S3ObjectStore` for what each promises. With a second store both are seen to. */
  readonly store: S3ObjectStore;
  /** Of a store that cannot serve its own presigned URLs: what such a URL gives access to. */
  readonly verifyPresigned: ((url: URL) => PresignedObject | null) | null;
}

export function createObjectStore(
  settings: ObjectStoreSettings,
  fallback: ObjectStoreSettings | null = null,
): OpenObjectStore {
  const first = createOneStore(settings);
  if (!fallback) return first;
  const second = createOneStore(fallback);
  return {
    store: withLifeboat(first.store, second.store),
    verifyPresigned: first.verifyPresigned ?? second.verifyPresigned,
  };
}

function createOneStore(settings: ObjectStoreSettings): OpenObjectStore {
  if (settings.kind === 's3') {
    const { kind: _, ...options } = settings;
    return { store: createS3ObjectStore(options), verifyPresigned: null };
  }
  const store = createFilesystemObjectStore(settings);
  return { store, verifyPresigned: (url) => store.verifyPresigned(url) };
}
