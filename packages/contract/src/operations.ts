/** Every public operation, in one table: the OpenAPI document, the reference page and the tests are made from it. */
import type { z } from 'zod';
import { characterSchema, createCharacterFormSchema } from './characters.ts';
import type { ErrorStatusCode } from './errors.ts';
import {
  createFileFormSchema,
  fileDeletedSchema,
  fileListSchema,
  fileSchema,
  listFilesQuerySchema,
} from './files.ts';
import {
  contentHeadersSchema,
  createdHeadersSchema,
  createHeadersSchema,
  rangeHeadersSchema,
  responseHeadersSchema,
  videoHeadersSchema,
  waitHeadersSchema,
} from './headers.ts';
import { lineageSchema } from './lineage.ts';
import { modelListSchema, modelSchema } from './models.ts';
import { quoteSchema, quoteVideoSchema } from './quote.ts';
import {
  createVideoFormSchema,
  createVideoSchema,
  editVideoFormSchema,
  editVideoSchema,
  extendVideoFormSchema,
  extendVideoSchema,
  listVideosQuerySchema,
  remixVideoSchema,
  videoContentQuerySchema,
} from './requests.ts';
import type { Scope } from './scopes.ts';
import {
  quotaRequestSchema,
  quotaSchema,
  requestQuotaSchema,
  usageQuerySchema,
  usageSchema,
} from './usage.ts';
import { videoDeletedSchema, videoListSchema, videoSchema } from './videos.ts';

export interface ApiOperation {
  readonly method: 'get' | 'post' | 'delete';
  /** Under `/v1` and `/openai/v1`. */
  readonly path: string;
  readonly operationId: string;
  /** What a key must be allowed; null: any key of a team will do. */
  readonly scope: Scope | null;
  readonly tag: 'Videos' | 'Characters' | 'Files' | 'Models' | 'Usage';
  readonly summary: string;
  readonly description: string;
  /** Not part of the original API. */
  readonly beyondOriginal?: true;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: { readonly json?: z.ZodType; readonly form?: z.ZodType };
  /** What 200 carries: an object, or a file of one of these media types. */
  readonly answer: { readonly json: z.ZodType } | { readonly files: readonly string[] };
  readonly answerHeaders: z.ZodObject;
  readonly errors: readonly ErrorStatusCode[];
  /**
   * A command for a shell with $REELGATE_URL and $REELGATE_API_KEY, and $VIDEO_ID, $CHARACTER_ID, $FILE_ID and $MODEL where it
   * names them; it may read `frame.png` and `clip.mp4`.
   */
  readonly example: string;
}

const ANY = [400, 401, 403, 429, 500, 503] as const;
const BODY = [...ANY, 408, 413, 415] as const;
const CREATE = [...BODY, 404, 422, 502] as const;

const curl = (path: string, ...options: readonly string[]) =>
  [`curl -sS "$REELGATE_URL/v1${path}"`, '-H "Authorization: Bearer $REELGATE_API_KEY"', ...options].join(
    ' \\\n  ',
  );
const JSON_TYPE = '-H "Content-Type: application/json"';

export const API_OPERATIONS: readonly ApiOperation[] = [
  {
    method: 'post',
    path: '/videos',
    operationId: 'createVideo',
    tag: 'Videos',
    scope: 'videos:write',
    summary: 'Create a video',
    description:
      'Checks the quota, reserves the cost and sends the job to an upstream. The answer is a `queued` video: look again after `openai-poll-after-ms`, hold the request with `Prefer: wait=N`, or have a webhook tell you. Repeat it safely with the same `Idempotency-Key`.',
    headers: createHeadersSchema,
    body: { json: createVideoSchema, form: createVideoFormSchema },
    answer: { json: videoSchema },
    answerHeaders: createdHeadersSchema,
    errors: CREATE,
    example: curl(
      '/videos',
      '-H "Idempotency-Key: order-1042-teaser"',
      '-F prompt="A calico cat plays the piano on a stage"',
      '-F model="$MODEL"',
      '-F "metadata[campaign]=spring"',
    ),
  },
  {
    method: 'get',
    path: '/videos',
    operationId: 'listVideos',
    tag: 'Videos',
    scope: 'videos:read',
    summary: 'List videos',
    description: "Your team's videos, newest first. For the next page, give `last_id` as `after`.",
    query: listVideosQuerySchema,
    answer: { json: videoListSchema },
    answerHeaders: responseHeadersSchema,
    errors: ANY,
    example: curl('/videos?limit=10&status=completed', '-G --data-urlencode "metadata[campaign]=spring"'),
  },
  {
    method: 'get',
    path: '/videos/{video_id}',
    operationId: 'getVideo',
    tag: 'Videos',
    scope: 'videos:read',
    summary: 'Retrieve a video',
    description:
      'The video as it is now. `completed` means that its content is stored here, not merely finished at an upstream. With `Prefer: wait=N` the answer comes when the video has ended, or after N seconds.',
    headers: waitHeadersSchema,
    answer: { json: videoSchema },
    answerHeaders: videoHeadersSchema,
    errors: [...ANY, 404],
    example: curl('/videos/$VIDEO_ID', '-H "Prefer: wait=5"'),
  },
  {
    method: 'get',
    path: '/videos/{video_id}/content',
    operationId: 'getVideoContent',
    tag: 'Videos',
    scope: 'videos:read',
    summary: 'Download the content',
    description:
      'The bytes of one variant: an MP4, a thumbnail or a spritesheet. One range of bytes is answered with 206, a fitting `If-None-Match` with 304.',
    query: videoContentQuerySchema,
    headers: rangeHeadersSchema,
    answer: { files: ['video/mp4', 'image/webp', 'image/jpeg', 'image/png'] },
    answerHeaders: contentHeadersSchema,
    errors: [...ANY, 404, 416],
    example: curl('/videos/$VIDEO_ID/content?variant=video', '-o video.mp4'),
  },
  {
    method: 'post',
    path: '/videos/{video_id}/remix',
    operationId: 'remixVideo',
    tag: 'Videos',
    scope: 'videos:write',
    summary: 'Remix a video',
    description: 'A new video from one of yours and a new prompt.',
    headers: createHeadersSchema,
    body: { json: remixVideoSchema, form: remixVideoSchema },
    answer: { json: videoSchema },
    answerHeaders: createdHeadersSchema,
    errors: CREATE,
    example: curl(
      '/videos/$VIDEO_ID/remix',
      JSON_TYPE,
      `-d '{"prompt": "The same stage, and the cat takes a bow"}'`,
    ),
  },
  {
    method: 'post',
    path: '/videos/edits',
    operationId: 'editVideo',
    tag: 'Videos',
    scope: 'videos:write',
    summary: 'Edit a video',
    description:
      'A changed version of one of your videos, or of a file that comes along. A form gives the id as `video[id]`.',
    headers: createHeadersSchema,
    body: { json: editVideoSchema, form: editVideoFormSchema },
    answer: { json: videoSchema },
    answerHeaders: createdHeadersSchema,
    errors: CREATE,
    example: curl('/videos/edits', '-F "video[id]=$VIDEO_ID"', '-F prompt="Make the light warmer"'),
  },
  {
    method: 'post',
    path: '/videos/extensions',
    operationId: 'extendVideo',
    tag: 'Videos',
    scope: 'videos:write',
    summary: 'Extend a video',
    description:
      'A longer version of one of your videos, or of a file that comes along. `seconds` is the length of the new segment, and what is paid for.',
    headers: createHeadersSchema,
    body: { json: extendVideoSchema, form: extendVideoFormSchema },
    answer: { json: videoSchema },
    answerHeaders: createdHeadersSchema,
    errors: CREATE,
    example: curl(
      '/videos/extensions',
      '-F "video[id]=$VIDEO_ID"',
      '-F prompt="The curtain falls"',
      '-F seconds=4',
    ),
  },
  {
    method: 'delete',
    path: '/videos/{video_id}',
    operationId: 'deleteVideo',
    tag: 'Videos',
    scope: 'videos:write',
    summary: 'Delete a video',
    description:
      'Gone at once and for good. One that is still under way is hidden at once, and goes when it has ended; it is paid for all the same.',
    answer: { json: videoDeletedSchema },
    answerHeaders: responseHeadersSchema,
    errors: [...ANY, 404],
    example: curl('/videos/$VIDEO_ID', '-X DELETE'),
  },
  {
    method: 'post',
    path: '/videos/quote',
    operationId: 'quoteVideo',
    tag: 'Videos',
    scope: 'videos:read',
    summary: 'Quote a video',
    description:
      'Takes the fields of a create and says what it would cost, what would be left of each limit, and what would refuse it. Nothing is created or reserved.',
    beyondOriginal: true,
    body: { json: quoteVideoSchema, form: quoteVideoSchema },
    answer: { json: quoteSchema },
    answerHeaders: responseHeadersSchema,
    errors: [...BODY, 404],
    example: curl('/videos/quote', JSON_TYPE, `-d '{"model": "'"$MODEL"'"}'`),
  },
  {
    method: 'post',
    path: '/videos/{video_id}/cancel',
    operationId: 'cancelVideo',
    tag: 'Videos',
    scope: 'videos:write',
    summary: 'Cancel a video',
    description:
      'Ends a video that no upstream has been sent yet, and gives its reservation back. It is `failed` then, with the code `cancelled`. Every other video is refused with `not_cancellable`.',
    beyondOriginal: true,
    answer: { json: videoSchema },
    answerHeaders: videoHeadersSchema,
    errors: [...ANY, 404],
    example: curl('/videos/$VIDEO_ID/cancel', '-X POST'),
  },
  {
    method: 'get',
    path: '/videos/{video_id}/lineage',
    operationId: 'getVideoLineage',
    tag: 'Videos',
    scope: 'videos:read',
    summary: 'Retrieve the lineage',
    description: 'What a video was made from and what was made from it, with what each of them cost.',
    beyondOriginal: true,
    answer: { json: lineageSchema },
    answerHeaders: responseHeadersSchema,
    errors: [...ANY, 404],
    example: curl('/videos/$VIDEO_ID/lineage'),
  },
  {
    method: 'post',
    path: '/videos/characters',
    operationId: 'createCharacter',
    tag: 'Characters',
    scope: 'characters',
    summary: 'Create a character',
    description: 'Makes a character from a short video. It belongs to your team.',
    body: { form: createCharacterFormSchema },
    answer: { json: characterSchema },
    answerHeaders: responseHeadersSchema,
    errors: [...BODY, 404, 502],
    example: curl('/videos/characters', '-F name=Mossy', '-F "video=@clip.mp4;type=video/mp4"'),
  },
  {
    method: 'get',
    path: '/videos/characters/{character_id}',
    operationId: 'getCharacter',
    tag: 'Characters',
    scope: 'characters',
    summary: 'Retrieve a character',
    description: "One of your team's characters.",
    answer: { json: characterSchema },
    answerHeaders: responseHeadersSchema,
    errors: [...ANY, 404],
    example: curl('/videos/characters/$CHARACTER_ID'),
  },
  {
    method: 'post',
    path: '/files',
    operationId: 'createFile',
    tag: 'Files',
    scope: 'files',
    summary: 'Upload a file',
    description:
      'Keeps a picture for `input_reference.file_id`. It belongs to your team, and goes when you delete it or, with `expires_after`, by itself. A video that is already accepted is rendered all the same.',
    body: { form: createFileFormSchema },
    answer: { json: fileSchema },
    answerHeaders: responseHeadersSchema,
    errors: BODY,
    example: curl('/files', '-F purpose=vision', '-F "file=@frame.png;type=image/png"'),
  },
  {
    method: 'get',
    path: '/files',
    operationId: 'listFiles',
    tag: 'Files',
    scope: 'files',
    summary: 'List files',
    description: "Your team's files, newest first. For the next page, give `last_id` as `after`.",
    query: listFilesQuerySchema,
    answer: { json: fileListSchema },
    answerHeaders: responseHeadersSchema,
    errors: ANY,
    example: curl('/files?limit=10&purpose=vision'),
  },
  {
    method: 'get',
    path: '/files/{file_id}',
    operationId: 'getFile',
    tag: 'Files',
    scope: 'files',
    summary: 'Retrieve a file',
    description: "What is known of one of your team's files.",
    answer: { json: fileSchema },
    answerHeaders: responseHeadersSchema,
    errors: [...ANY, 404],
    example: curl('/files/$FILE_ID'),
  },
  {
    method: 'get',
    path: '/files/{file_id}/content',
    operationId: 'getFileContent',
    tag: 'Files',
    scope: 'files',
    summary: 'Download a file',
    description:
      'The bytes as they were sent. One range of bytes is answered with 206, a fitting `If-None-Match` with 304.',
    headers: rangeHeadersSchema,
    answer: { files: ['image/png', 'image/jpeg', 'image/webp', 'video/mp4', 'application/octet-stream'] },
    answerHeaders: contentHeadersSchema,
    errors: [...ANY, 404, 416],
    example: curl('/files/$FILE_ID/content', '-o copy.png'),
  },
  {
    method: 'delete',
    path: '/files/{file_id}',
    operationId: 'deleteFile',
    tag: 'Files',
    scope: 'files',
    summary: 'Delete a file',
    description: 'Gone at once and for good. Videos that were accepted with it are rendered all the same.',
    answer: { json: fileDeletedSchema },
    answerHeaders: responseHeadersSchema,
    errors: [...ANY, 404],
    example: curl('/files/$FILE_ID', '-X DELETE'),
  },
  {
    method: 'get',
    path: '/models',
    operationId: 'listModels',
    tag: 'Models',
    scope: null,
    summary: 'List models',
    description: 'The models that your key may use, with their lengths, sizes and prices.',
    answer: { json: modelListSchema },
    answerHeaders: responseHeadersSchema,
    errors: ANY,
    example: curl('/models'),
  },
  {
    method: 'get',
    path: '/models/{model}',
    operationId: 'getModel',
    tag: 'Models',
    scope: null,
    summary: 'Retrieve a model',
    description: 'One model, with its lengths, sizes and prices.',
    answer: { json: modelSchema },
    answerHeaders: responseHeadersSchema,
    errors: [...ANY, 404],
    example: curl('/models/$MODEL'),
  },
  {
    method: 'get',
    path: '/usage',
    operationId: 'getUsage',
    tag: 'Usage',
    scope: 'usage:read',
    summary: 'What was used',
    description:
      "What your team, or your key alone, has made and spent: the same figures that the quotas enforce. Days and months are those of the organization's time zone.",
    beyondOriginal: true,
    query: usageQuerySchema,
    answer: { json: usageSchema },
    answerHeaders: responseHeadersSchema,
    errors: ANY,
    example: curl('/usage?group_by=day,model'),
  },
  {
    method: 'get',
    path: '/quota',
    operationId: 'getQuota',
    tag: 'Usage',
    scope: 'usage:read',
    summary: 'What may still be used',
    description: "Your team's and your key's own limits, and how they stand.",
    beyondOriginal: true,
    answer: { json: quotaSchema },
    answerHeaders: responseHeadersSchema,
    errors: ANY,
    example: curl('/quota'),
  },
  {
    method: 'post',
    path: '/quota/requests',
    operationId: 'requestQuota',
    tag: 'Usage',
    scope: 'videos:write',
    summary: 'Ask for more',
    description:
      'Asks the administrators for more of one of the limits, until its period ends. There is one open request for each limit.',
    beyondOriginal: true,
    body: { json: requestQuotaSchema, form: requestQuotaSchema },
    answer: { json: quotaRequestSchema },
    answerHeaders: responseHeadersSchema,
    errors: [...BODY, 404],
    example: curl(
      '/quota/requests',
      JSON_TYPE,
      `-d '{"limit_id": "quota_7c2b7a9e8f4163a7b2c3d4e5f6071819", "amount": "20000000", "reason": "Two more trailers"}'`,
    ),
  },
];
