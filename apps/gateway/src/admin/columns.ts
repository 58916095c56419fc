import { z } from 'zod';

/** The columns of a table whose rows have this schema: objects of known keys become one column for each key. */
export function columnsOf(row: z.ZodObject): string[] {
  return Object.entries(row.shape)
    .filter(([name]) => name !== 'object')
    .flatMap(([name, schema]) => {
      const inner = unwrap(schema as z.ZodType);
      return inner instanceof z.ZodObject ? Object.keys(inner.shape).map((key) => `${name}.${key}`) : [name];
    });
}

function unwrap(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
    ? unwrap(schema.unwrap() as z.ZodType)
    : schema;
}
