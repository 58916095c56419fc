/** The one place that knows which object stores there are; gateway and worker take theirs from here. */
import { createFilesystemObjectStore, type PresignedObject } from '../filesystem/index.ts';
import { createS3ObjectStore, type S3ObjectStore, type S3ObjectStoreOptions } from '../s3/index.ts';

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
  /** Both kinds have the same abilities; see `S3ObjectStore` for what each promises. */
  readonly store: S3ObjectStore;
  /** Of a store that cannot serve its own presigned URLs: what such a URL gives access to. */
  readonly verifyPresigned: ((url: URL) => PresignedObject | null) | null;
}

export function createObjectStore(settings: ObjectStoreSettings): OpenObjectStore {
  if (settings.kind === 's3') {
    const { kind: _, ...options } = settings;
    return { store: createS3ObjectStore(options), verifyPresigned: null };
  }
  const store = createFilesystemObjectStore(settings);
  return { store, verifyPresigned: (url) => store.verifyPresigned(url) };
}
