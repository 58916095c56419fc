/** Pieces of an OpenAPI document that both APIs are described with. */
import { z } from 'zod';

export type Json = Readonly<Record<string, unknown>>;

export const BEYOND = 'Reelgate only';

export function parameters(place: 'query' | 'header', schema: z.ZodObject | undefined): Json[] {
  return Object.entries(fields(schema)).map(([name, { schema: field, required }]) => {
    const { description, 'x-reelgate': beyondOriginal, ...rest } = field;
    return {
      name,
      in: place,
      required,
      ...(description !== undefined && { description }),
      ...(beyondOriginal !== undefined && { 'x-reelgate': beyondOriginal }),
      schema: rest,
      ...(rest.type === 'object' && { style: 'deepObject', explode: true }),
      ...(rest.type === 'array' && { style: 'form', explode: false }),
    };
  });
}

export function responseHeaders(schema: z.ZodObject): Json {
  return Object.fromEntries(
    Object.entries(fields(schema)).map(([name, { schema: field, required }]) => {
      const { description, ...rest } = field;
      return [name, { required, ...(description !== undefined && { description }), schema: rest }];
    }),
  );
}

function fields(schema: z.ZodObject | undefined): Record<string, { schema: Json; required: boolean }> {
  if (schema === undefined) return {};
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { override: tidy });
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [
      name,
      { schema: field as Json, required: required.includes(name) },
    ]),
  );
}

/** Takes away what zod adds and nobody reads, and says in words what is ours, because pages do not show extensions. */
export function tidy({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.contentEncoding === 'binary') delete jsonSchema.contentEncoding;
  const { description = '', 'x-reelgate': beyondOriginal } = jsonSchema;
  if (beyondOriginal && !description.includes(BEYOND)) {
    jsonSchema.description = `${description} (${BEYOND})`.trim();
  }
}
