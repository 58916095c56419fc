/** Answers as the original service gave them, from its document, its guide and what its users published. */
const completed = {
  id: 'video_68d7512d07848190b3e45da0ecbebcde004da08e1e0678d5',
  object: 'video',
  model: 'sora-2',
  status: 'completed',
  progress: 100,
  created_at: 1_763_053_953,
  completed_at: 1_763_054_021,
  expires_at: 1_763_057_621,
  prompt: 'A calico cat plays the piano on a stage',
  size: '1280x720',
  seconds: '4',
  remixed_from_video_id: null,
  error: null,
};

export const ORIGINAL_ANSWERS = {
  VideoResource: [
    completed,
    { ...completed, status: 'queued', progress: 0, completed_at: null, expires_at: null },
    { ...completed, status: 'in_progress', progress: 33, completed_at: null, expires_at: null, prompt: null },
    { ...completed, remixed_from_video_id: 'video_68d6bd6e0a388190b9c0b5b1a2e0c1f60d1e2f3a4b5c6d7e' },
    {
      ...completed,
      status: 'failed',
      completed_at: null,
      expires_at: null,
      error: { code: 'moderation_blocked', message: 'Your request was blocked by our moderation system.' },
    },
  ],
  VideoListResource: [
    { object: 'list', data: [completed], first_id: completed.id, last_id: completed.id, has_more: true },
    { object: 'list', data: [], first_id: null, last_id: null, has_more: false },
  ],
  DeletedVideoResource: [{ id: completed.id, object: 'video.deleted', deleted: true }],
  VideoCharacterResource: [{ id: 'char_123', name: 'Mossy', created_at: 1_763_053_953 }],
  ErrorResponse: [
    {
      error: {
        message: "Invalid value: 'x'.",
        type: 'invalid_request_error',
        param: 'seconds',
        code: 'invalid_value',
      },
    },
    { error: { message: 'Slow down.', type: 'requests', param: null, code: null } },
  ],
} as const;

/** Which of our names stands for which of theirs. */
export const OUR_NAMES = {
  VideoResource: 'Video',
  VideoListResource: 'VideoList',
  DeletedVideoResource: 'DeletedVideo',
  VideoCharacterResource: 'Character',
  ErrorResponse: 'Error',
} as const;
