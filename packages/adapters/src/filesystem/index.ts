export { createFilesystemObjectStore, type FilesystemObjectStore } from './object-store.ts';
export type { PresignedObject } from './presigned-url.ts';
export { openSpool } from './spool.ts';
