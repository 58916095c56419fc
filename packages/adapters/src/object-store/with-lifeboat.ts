import type { S3ObjectStore } from '../s3/index.ts';

/** Keys that begin so are in the lifeboat. */
const PREFIX = 'lifeboat/';

/**
 * One store made of two: a second bucket takes the keys under `lifeboat/`, which the archive uses while the first is away. A key
 * tells where its object is, so that nobody has to look in both.
 */
export function withLifeboat(first: S3ObjectStore, lifeboat: S3ObjectStore): S3ObjectStore {
  const of = (key: string) => (key.startsWith(PREFIX) ? lifeboat : first);
  return {
    bucket: first.bucket,
    lifeboat: { prefix: PREFIX, bucket: lifeboat.bucket },
    put: (key, body, options) => of(key).put(key, body, options),
    get: (key, options) => of(key).get(key, options),
    head: (key) => of(key).head(key),
    delete: (key) => of(key).delete(key),
    presign: (key, options) => of(key).presign(key, options),
    list: (prefix) => of(prefix).list(prefix),
    async removeUnfinished(olderThanMs) {
      const removed = await Promise.all([
        first.removeUnfinished(olderThanMs),
        lifeboat.removeUnfinished(olderThanMs),
      ]);
      return removed[0] + removed[1];
    },
    async ensureBucket() {
      await Promise.all([first.ensureBucket(), lifeboat.ensureBucket()]);
    },
    async selfTest() {
      await Promise.all([first.selfTest(), lifeboat.selfTest()]);
    },
    close() {
      first.close();
      lifeboat.close();
    },
  };
}
