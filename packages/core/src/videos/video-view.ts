import type { VideoRow } from './queries/index.ts';

/** What of a video its owner may see; the transport turns it into the public object. */
export type VideoView = Pick<
  VideoRow,
  | 'id'
  | 'operation'
  | 'model'
  | 'state'
  | 'progress'
  | 'startedAt'
  | 'createdAt'
  | 'completedAt'
  | 'prompt'
  | 'size'
  | 'seconds'
  | 'parentId'
  | 'metadata'
  | 'errorCode'
  | 'errorMessage'
>;
