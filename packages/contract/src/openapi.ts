/** The OpenAPI 3.1 document, made from the schemas that validate. */
import { z } from 'zod';
import { characterSchema, createCharacterFormSchema } from './characters.ts';
import { ERROR_STATUSES, type ErrorStatus, errorBodySchema } from './errors.ts';
import { EVENT_TYPES, eventSchema, eventTypeSchema } from './events.ts';
import {
  createFileFormSchema,
  fileDeletedSchema,
  fileListSchema,
  filePurposeSchema,
  fileSchema,
} from './files.ts';
import { errorHeadersSchema } from './headers.ts';
import { lineageNodeSchema, lineageSchema } from './lineage.ts';
import { modelListSchema, modelSchema } from './models.ts';
import { BEYOND, type Json, parameters, responseHeaders, tidy } from './openapi-parts.ts';
import type { ApiOperation } from './operation.ts';
import { API_OPERATIONS } from './operations.ts';
import { quotedLimitSchema, quoteSchema, quoteVideoSchema } from './quote.ts';
import {
  createVideoFormSchema,
  createVideoSchema,
  editVideoFormSchema,
  editVideoSchema,
  extendVideoFormSchema,
  extendVideoSchema,
  imageReferenceSchema,
  remixVideoSchema,
  videoReferenceSchema,
} from './requests.ts';
import {
  quotaLimitSchema,
  quotaRequestSchema,
  quotaSchema,
  requestQuotaSchema,
  usageRowSchema,
  usageSchema,
} from './usage.ts';
import {
  metadataSchema,
  operationSchema,
  variantSchema,
  videoDeletedSchema,
  videoErrorSchema,
  videoListSchema,
  videoSchema,
  videoStatusSchema,
} from './videos.ts';
import {
  createWebhookEndpointSchema,
  eventListSchema,
  replayedSchema,
  replaySinceSchema,
  rotateWebhookSecretSchema,
  testWebhookEndpointSchema,
  updateWebhookEndpointSchema,
  webhookDeliveryDetailSchema,
  webhookDeliveryListSchema,
  webhookDeliverySchema,
  webhookEndpointDeletedSchema,
  webhookEndpointListSchema,
  webhookEndpointSchema,
  webhookEndpointWithSecretSchema,
  webhookEventTypesSchema,
  webhookTestResultSchema,
} from './webhooks.ts';

export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: Json;
  readonly servers: readonly { readonly url: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly webhooks: Json;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> } & Json;
  readonly [key: string]: unknown;
}

/** What the document names; everything else stands where it is used. */
const COMPONENTS: Readonly<Record<string, z.ZodType>> = {
  Video: videoSchema,
  VideoStatus: videoStatusSchema,
  VideoOperation: operationSchema,
  VideoVariant: variantSchema,
  VideoError: videoErrorSchema,
  VideoList: videoListSchema,
  DeletedVideo: videoDeletedSchema,
  Metadata: metadataSchema,
  ImageReference: imageReferenceSchema,
  VideoReference: videoReferenceSchema,
  CreateVideo: createVideoSchema,
  CreateVideoForm: createVideoFormSchema,
  RemixVideo: remixVideoSchema,
  EditVideo: editVideoSchema,
  EditVideoForm: editVideoFormSchema,
  ExtendVideo: extendVideoSchema,
  ExtendVideoForm: extendVideoFormSchema,
  QuoteVideo: quoteVideoSchema,
  Quote: quoteSchema,
  QuotedLimit: quotedLimitSchema,
  Lineage: lineageSchema,
  LineageNode: lineageNodeSchema,
  Character: characterSchema,
  CreateCharacterForm: createCharacterFormSchema,
  File: fileSchema,
  FileList: fileListSchema,
  FilePurpose: filePurposeSchema,
  DeletedFile: fileDeletedSchema,
  CreateFileForm: createFileFormSchema,
  Model: modelSchema,
  ModelList: modelListSchema,
  Usage: usageSchema,
  UsageRow: usageRowSchema,
  Quota: quotaSchema,
  QuotaLimit: quotaLimitSchema,
  RequestQuota: requestQuotaSchema,
  QuotaRequest: quotaRequestSchema,
  Error: errorBodySchema,
  Event: eventSchema,
  EventType: eventTypeSchema,
  EventList: eventListSchema,
  WebhookEndpoint: webhookEndpointSchema,
  WebhookEndpointWithSecret: webhookEndpointWithSecretSchema,
  WebhookEndpointList: webhookEndpointListSchema,
  DeletedWebhookEndpoint: webhookEndpointDeletedSchema,
  CreateWebhookEndpoint: createWebhookEndpointSchema,
  UpdateWebhookEndpoint: updateWebhookEndpointSchema,
  RotateWebhookSecret: rotateWebhookSecretSchema,
  TestWebhookEndpoint: testWebhookEndpointSchema,
  WebhookTestResult: webhookTestResultSchema,
  WebhookEventTypes: webhookEventTypesSchema,
  WebhookDelivery: webhookDeliverySchema,
  WebhookDeliveryDetail: webhookDeliveryDetailSchema,
  WebhookDeliveryList: webhookDeliveryListSchema,
  ReplaySince: replaySinceSchema,
  Replayed: replayedSchema,
};

const PATH_PARAMETERS: Readonly<Record<string, { description: string; example: string }>> = {
  video_id: { description: "A video of your team's.", example: 'video_8f2c41d09a7b4e63b5d1c0a9e8f76543' },
  character_id: {
    description: "A character of your team's.",
    example: 'char_3b9d2f7c1e0a4856a7c4d5e6f7081923',
  },
  file_id: { description: "A file of your team's.", example: 'file-6c1f0a9be8d74325a1b2c3d4e5f60718' },
  model: { description: 'The name of a model.', example: 'sora-2' },
  webhook_endpoint_id: {
    description: "A webhook endpoint of your team's.",
    example: 'whe_2a7c9e4f1b8d4036a5e2c7f9b1d30846',
  },
  delivery_id: {
    description: "A delivery to one of your team's endpoints.",
    example: 'dlv_9c1f3b5d7e2a4860b4d6f8a1c3e50729',
  },
  event_id: { description: "An event of your team's.", example: 'evt_5d0c2b7a9e8f4163a7b2c3d4e5f60718' },
};

/** `serverUrl`: where the gateway is, without a path and a slash; empty for wherever the document was read. */
export function openApiDocument(options: {
  readonly version: string;
  readonly serverUrl: string;
}): OpenApiDocument {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of API_OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Reelgate',
      version: options.version,
      summary: 'The Videos API of your own company.',
      description:
        'The official OpenAI SDKs work unchanged: set the base URL to `/v1` of this server and use a key of your team. What says “Reelgate only” is not part of the original API; programs see `x-reelgate` there.',
    },
    servers: [
      { url: `${options.serverUrl}/v1`, description: 'The API.' },
      { url: `${options.serverUrl}/openai/v1`, description: 'The same, where SDKs for Azure look for it.' },
    ],
    security: [{ bearer: [] }, { apiKey: [] }],
    tags: [
      { name: 'Videos', description: 'Make, follow and download videos.' },
      { name: 'Characters', description: 'Who appears in more than one video.' },
      { name: 'Files', description: 'Pictures to start videos from, kept here.' },
      { name: 'Models', description: 'What there is to choose from.' },
      { name: 'Usage', description: 'What was used, what is left, and how to get more.' },
      { name: 'Webhooks', description: 'Where you are told, what you were told, and the same as a stream.' },
    ],
    paths,
    webhooks: Object.fromEntries(EVENT_TYPES.map((type) => [type, describeWebhook(type)])),
    components: {
      schemas: componentSchemas(),
      responses: Object.fromEntries(
        Object.entries(ERROR_STATUSES).map(([status, error]) => [`Refused${status}`, describeError(error)]),
      ),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'As the SDKs send it.' },
        apiKey: { type: 'apiKey', in: 'header', name: 'api-key', description: 'As SDKs for Azure send it.' },
      },
    },
  };
}

function describe(operation: ApiOperation): Json {
  const { operationId, beyondOriginal, body, example } = operation;
  return {
    tags: [operation.tag],
    operationId,
    summary: beyondOriginal ? `${operation.summary} (${BEYOND})` : operation.summary,
    description: `${operation.description}${needs(operation)}\n\n\`\`\`sh\n${example}\n\`\`\``,
    ...(beyondOriginal && { 'x-reelgate': true }),
    parameters: [
      ...[...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string' },
        ...PATH_PARAMETERS[name],
      })),
      ...parameters('query', operation.query),
      ...parameters('header', operation.headers),
    ],
    ...(body && {
      requestBody: {
        required: true,
        content: {
          ...(body.json && { 'application/json': media(body.json) }),
          ...(body.form && { 'multipart/form-data': { ...media(body.form), encoding: encoding(body.form) } }),
        },
      },
    }),
    responses: {
      ...successes(operation),
      ...Object.fromEntries(
        operation.errors.map((status) => [status, { $ref: `#/components/responses/Refused${status}` }]),
      ),
    },
    'x-codeSamples': [{ lang: 'Shell', label: 'curl', source: example }],
  };
}

function needs({ scope }: ApiOperation): string {
  return scope === null ? '' : `\n\nThe key needs the scope \`${scope}\`.`;
}

function successes({ answer, answerHeaders }: ApiOperation): Json {
  const headers = responseHeaders(answerHeaders);
  if ('json' in answer) {
    return { 200: { description: 'Done.', headers, content: { 'application/json': media(answer.json) } } };
  }
  if ('events' in answer) {
    const schema = {
      type: 'string',
      description: 'Of each event `id`, `event` and `data`, which is an `Event`.',
    };
    return { 200: { description: 'The events.', headers, content: { 'text/event-stream': { schema } } } };
  }
  const content = Object.fromEntries(
    answer.files.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
  );
  return {
    200: { description: 'The whole content.', headers, content },
    206: { description: 'The range that was asked for.', headers, content, 'x-reelgate': true },
    304: { description: 'The content that you have still fits.', headers, 'x-reelgate': true },
  };
}

function describeError({ description, example, codes }: ErrorStatus): Json {
  const list = Object.entries(codes).map(([code, when]) => `- \`${code}\`: ${when}`);
  return {
    description: [description, ...(list.length > 0 ? [list.join('\n')] : [])].join('\n\n'),
    headers: responseHeaders(errorHeadersSchema),
    content: { 'application/json': { schema: reference('Error'), example: { error: example } } },
  };
}

function describeWebhook(type: string): Json {
  const signature = { in: 'header', required: true, schema: { type: 'string' } };
  return {
    post: {
      operationId: `on_${type.replace('.', '_')}`,
      summary: type,
      description:
        'Signed after Standard Webhooks. It names what it is about and says nothing of it: fetch that to know more. Any 2xx acknowledges.',
      parameters: [
        { name: 'webhook-id', description: 'The same for each try of one delivery.', ...signature },
        { name: 'webhook-timestamp', description: 'Unix seconds.', ...signature },
        { name: 'webhook-signature', description: 'One or more of `v1,<base64>`.', ...signature },
      ],
      requestBody: { required: true, content: { 'application/json': media(eventSchema) } },
      responses: { '2XX': { description: 'Received.' } },
    },
  };
}

/** Nested values are spelled with brackets, which the document calls deepObject. */
function encoding(form: z.ZodType): Json {
  const { properties = {} } = z.toJSONSchema(form, { override: tidy });
  const nested = Object.entries(properties).filter(
    ([, field]) => typeof field === 'object' && (field.type === 'object' || field.anyOf !== undefined),
  );
  return Object.fromEntries(nested.map(([name]) => [name, { style: 'deepObject', explode: true }]));
}

function media(schema: z.ZodType): Json {
  const name = Object.keys(COMPONENTS).find((known) => COMPONENTS[known] === schema);
  if (name === undefined) throw new Error('a body without a name in COMPONENTS');
  const { examples } = schema.meta() ?? {};
  return { schema: reference(name), ...(Array.isArray(examples) && { example: examples[0] }) };
}

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function componentSchemas(): Record<string, Json> {
  const names = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(COMPONENTS)) names.add(schema, { id });
  const { schemas } = z.toJSONSchema(names, { uri: (id) => `#/components/schemas/${id}`, override: tidy });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, id: ___, ...schema }]) => [id, schema as Json]),
  );
}
