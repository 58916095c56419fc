import { expect, test } from 'vitest';
import { loadClassOf } from './shed-load.ts';

test.each([
  ['GET', '/v1/videos/video_1', null],
  ['HEAD', '/openai/v1/videos/video_1', null],
  ['GET', '/v1/videos/video_1/events', null],
  ['GET', '/v1/events/stream', null],
  ['GET', '/v1/videos', 'view'],
  ['GET', '/v1/videos/video_1/lineage', 'view'],
  ['GET', '/v1/events', 'view'],
  ['GET', '/v1/quota', 'view'],
  ['GET', '/admin/v1/videos/video_1', 'view'],
  ['GET', '/auth/get-session', 'view'],
  ['GET', '/v1/videos/video_1/content', 'content'],
  ['GET', '/v1/files/file_1/content', 'content'],
  ['GET', '/share/token', 'content'],
  ['GET', '/objects/v/video_1', 'content'],
  ['POST', '/v1/videos', 'change'],
  ['DELETE', '/v1/videos/video_1', 'change'],
  ['POST', '/v1/videos/video_1/remix', 'change'],
  // Somebody has to be able to pull the brake.
  ['POST', '/admin/v1/pause', 'change'],
] as const)('%s %s is %s', (method, path, kind) => {
  expect(loadClassOf(method, path)).toBe(kind);
});
