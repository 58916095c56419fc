export { createS3ObjectStore, type S3ObjectStore, type S3ObjectStoreOptions } from './object-store.ts';
