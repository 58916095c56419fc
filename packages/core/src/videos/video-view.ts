import type { OwnVideoRow } from './queries/index.ts';

/** What of a video its owner may see; the transport turns it into the public object. */
export type VideoView = Pick<
  OwnVideoRow,
  | 'id'
  | 'operation'
  | 'model'
  | 'state'
  | 'progress'
  | 'startedAt'
  | 'createdAt'
  | 'completedAt'
  | 'expiresAt'
  | 'prompt'
  | 'size'
  | 'seconds'
  | 'parentId'
  | 'metadata'
  | 'errorCode'
  | 'errorMessage'
  | 'errorDetails'
>;
