/** The OpenAPI 3.1 document of the Admin API, made from the schemas that validate. */
import { z } from 'zod';
import { errorBodySchema } from '../errors.ts';
import { errorHeadersSchema, responseHeadersSchema } from '../headers.ts';
import type { OpenApiDocument } from '../openapi.ts';
import { type Json, parameters, responseHeaders, tidy } from '../openapi-parts.ts';
import { ADMIN_ERROR_STATUSES } from './errors.ts';
import type { AdminOperation, AdminTag } from './operation.ts';
import { ADMIN_OPERATIONS, type AdminOperationId } from './operations.ts';
import { adminSchemas } from './wire.ts';

const TAGS: Readonly<Record<AdminTag, string>> = {
  Me: 'Who asks.',
  Overview: 'What is spent, what runs, what needs somebody.',
  Organization: 'The company: time zone, pause, what new teams begin with.',
  Teams: 'Teams and their members.',
  Users: 'People who sign in.',
  Keys: 'API keys of teams, and keys of this API.',
  Quotas: 'Limits, grants, requests for more.',
  Prices: 'The price book.',
  Models: 'What callers can ask for.',
  Upstreams: 'Who renders.',
  Videos: 'Videos of all teams.',
  Orphans: 'What an upstream shows and nothing explains; what may have been paid for.',
  Webhooks: 'Endpoints and deliveries.',
  Usage: 'What was used, by any grouping.',
  Ledger: 'The books behind the quotas.',
  Audit: 'Who did what.',
};

const ROLES = {
  member: 'Any role: members and managers see their own teams.',
  manager: 'Managers, for their own teams, and admins.',
  admin: 'Admins only.',
} as const;

const RECENT = 'Of a person: with a sign-in of the last 15 minutes, or 403 `recent_sign_in_required`.';

/** `serverUrl` as in the public document; `operations`: which ones are served. */
export function adminOpenApiDocument(options: {
  readonly version: string;
  readonly serverUrl: string;
  readonly operations: readonly AdminOperationId[];
}): OpenApiDocument {
  const paths: Record<string, Record<string, Json>> = {};
  for (const id of options.operations) {
    const operation: AdminOperation = ADMIN_OPERATIONS[id];
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(id, operation) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Reelgate Admin API',
      version: options.version,
      summary: 'Teams, keys, quotas, money and videos of your Reelgate.',
      description:
        'Send a key of this API (`rg_admin_…`) as a bearer token. Money is a decimal string of millionths of a US dollar, a time is ISO 8601 in UTC, and a list is one page: give `last_id` as `after` for the next. Another team’s things are answered like things that do not exist.',
    },
    servers: [{ url: `${options.serverUrl}/admin/v1`, description: 'The Admin API.' }],
    security: [{ bearer: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    webhooks: {},
    components: {
      schemas: { Error: errorSchema(), ...componentSchemas() },
      responses: Object.fromEntries(
        Object.entries(ADMIN_ERROR_STATUSES).map(([status, { description, example, codes }]) => [
          `Refused${status}`,
          {
            description: [
              description,
              ...Object.entries(codes).map(([code, when]) => `- \`${code}\`: ${when}`),
            ].join('\n\n'),
            headers: responseHeaders(errorHeadersSchema),
            content: {
              'application/json': { schema: reference('Error'), example: { error: example } },
            },
          },
        ]),
      ),
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'A key of this API.' } },
    },
  };
}

/** A command for a shell with $REELGATE_URL, $REELGATE_ADMIN_KEY, and each id of the path in capitals. */
export function adminExample({ method, path, body, answer }: AdminOperation): string {
  const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`);
  const example = exampleOf(body);
  return [
    `curl -sS ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}"$REELGATE_URL/admin/v1${url}"`,
    '-H "Authorization: Bearer $REELGATE_ADMIN_KEY"',
    ...(example === undefined
      ? []
      : ['-H "Content-Type: application/json"', `-d '${JSON.stringify(example)}'`]),
    ...('files' in answer ? ['-o content'] : []),
  ].join(' \\\n  ');
}

function describe(id: string, operation: AdminOperation): Json {
  const { body, path, query, tag, summary, description, role } = operation;
  const example = adminExample(operation);
  return {
    tags: [tag],
    operationId: id,
    summary,
    description: [description, ROLES[role], operation.recentSignIn && RECENT, `\`\`\`sh\n${example}\n\`\`\``]
      .filter(Boolean)
      .join('\n\n'),
    'x-reelgate-role': role,
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      ...parameters('query', query),
    ],
    ...(body && { requestBody: { required: true, content: { 'application/json': media(body) } } }),
    responses: {
      200: {
        description: 'Done.',
        headers: responseHeaders(responseHeadersSchema),
        content: content(operation),
      },
      ...Object.fromEntries(
        Object.keys(ADMIN_ERROR_STATUSES).map((status) => [
          status,
          { $ref: `#/components/responses/Refused${status}` },
        ]),
      ),
    },
    'x-codeSamples': [{ lang: 'Shell', label: 'curl', source: example }],
  };
}

function content({ answer }: AdminOperation): Json {
  if ('json' in answer) return { 'application/json': media(answer.json) };
  if ('csv' in answer) return { 'text/csv': { schema: { type: 'string' } } };
  return Object.fromEntries(
    answer.files.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
  );
}

function media(schema: z.ZodType): Json {
  const name = adminSchemas.get(schema)?.id;
  if (name === undefined) throw new Error('a body of the Admin API that has no name');
  const example = exampleOf(schema);
  return { schema: reference(name), ...(example !== undefined && { example }) };
}

function exampleOf(schema: z.ZodType | undefined): unknown {
  const examples = schema?.meta()?.examples;
  return Array.isArray(examples) ? examples[0] : undefined;
}

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function componentSchemas(): Record<string, Json> {
  const { schemas } = z.toJSONSchema(adminSchemas, {
    uri: (id) => `#/components/schemas/${id}`,
    override: tidy,
    io: 'input',
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, id: ___, ...schema }]) => [id, schema as Json]),
  );
}

function errorSchema(): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(errorBodySchema, { override: tidy });
  return schema as Json;
}
