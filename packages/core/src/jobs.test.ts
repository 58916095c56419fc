import { expect, test } from 'vitest';
import { z } from 'zod';
import { JOB_NAMES, JOBS } from './jobs.ts';

/** A release beside this one reads the same jobs, so they may say nothing that the row says better. */
test.each(JOB_NAMES)('%s carries ids and nothing else', (name) => {
  const { shape } = JOBS[name].payload;
  expect(Object.keys(shape)).not.toEqual([]);
  for (const [field, schema] of Object.entries(shape)) {
    expect(field).toMatch(/Id$/);
    expect(schema).toBeInstanceOf(z.ZodString);
  }
});
