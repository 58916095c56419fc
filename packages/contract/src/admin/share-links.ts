/** Links that show one video to whoever has them. */
import { z } from 'zod';
import { variantSchema } from '../videos.ts';
import type { AdminOperations } from './operation.ts';
import { givenTimeSchema, named, nameOfSchema, pageOf, timeSchema } from './wire.ts';

const shareLinkSchema = named(
  'ShareLink',
  z.object({
    id: z.string(),
    object: z.literal('share_link'),
    video_id: z.string(),
    variant: variantSchema,
    created_by: nameOfSchema,
    created_at: timeSchema,
    expires_at: timeSchema,
    revoked_at: timeSchema.nullable(),
  }),
);
export type ShareLink = z.infer<typeof shareLinkSchema>;

const createdShareLinkSchema = named(
  'CreatedShareLink',
  shareLinkSchema.extend({
    url: z.string().describe('Works without a key, until it expires. Shown only now.'),
  }),
);

const createShareLinkSchema = named(
  'CreateShareLink',
  z
    .strictObject({
      expires_at: givenTimeSchema.optional().describe('In seven days where absent; 90 days at most.'),
      variant: variantSchema.default('video'),
    })
    .meta({ examples: [{}] }),
);

export const shareLinkOperations = {
  listShareLinks: {
    method: 'get',
    path: '/videos/{video_id}/share-links',
    tag: 'Videos',
    summary: 'List share links',
    role: 'member',
    answer: { json: pageOf('ShareLinkList', shareLinkSchema) },
  },
  createShareLink: {
    method: 'post',
    path: '/videos/{video_id}/share-links',
    tag: 'Videos',
    summary: 'Make a share link',
    role: 'manager',
    body: createShareLinkSchema,
    answer: { json: createdShareLinkSchema },
  },
  revokeShareLink: {
    method: 'post',
    path: '/share-links/{share_link_id}/revoke',
    tag: 'Videos',
    summary: 'Revoke a share link',
    role: 'manager',
    answer: { json: shareLinkSchema },
  },
} as const satisfies AdminOperations;
