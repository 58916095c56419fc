export { type CreateFileInput, createFile, type FileView } from './create-file.ts';
export { deleteFile } from './delete-file.ts';
export { getFile, goneFile, resolveFile } from './get-file.ts';
export { type FilePage, listFiles } from './list-files.ts';
export { purgeFile } from './purge-file.ts';
export { listAnyOverdueFiles } from './queries.ts';
