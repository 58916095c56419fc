/** The document of the Admin API, and what the table of operations promises. */
import {
  ADMIN_OPERATIONS,
  type AdminOperation,
  type AdminOperationId,
  adminExample,
  adminOpenApiDocument,
} from '@reelgate/contract/admin';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { describedApi } from '../../contract-checker/described-api.ts';

const ids = Object.keys(ADMIN_OPERATIONS) as AdminOperationId[];
const operations: AdminOperation[] = Object.values(ADMIN_OPERATIONS);
const document = adminOpenApiDocument({ version: '1.2.3', serverUrl: '', operations: ids });
const described = describedApi(document, 'admin');

test('is valid OpenAPI 3.1, and every reference leads somewhere', async () => {
  const text = JSON.stringify(document);
  expect(await new Validator().validate(JSON.parse(text))).toMatchObject({ valid: true });
  const references = [...text.matchAll(/"\$ref":"#([^"]+)"/g)].map((found) => found[1] ?? '');
  expect(references.filter((pointer) => described.look(pointer)?.node === undefined)).toEqual([]);
});

test('every example is what its schema says', () => {
  let examples = 0;
  for (const [name, { examples: own }] of Object.entries(document.components.schemas)) {
    for (const example of Array.isArray(own) ? own : []) {
      const pointer = `/components/schemas/${name}`;
      expect([name, described.checkAt(pointer)(example)]).toEqual([name, null]);
      examples++;
    }
  }
  expect(examples).toBeGreaterThan(25);
});

test('every body has an example, so that every command can be tried', () => {
  for (const operation of operations.filter(({ body }) => body !== undefined)) {
    expect([operation.path, adminExample(operation)]).toEqual([
      operation.path,
      expect.stringContaining("-d '{"),
    ]);
  }
});

test('what only reads has no trace, and what changes something is no GET', () => {
  for (const { method, path, reads } of operations) {
    if (reads) expect([path, method]).toEqual([path, 'post']);
  }
  expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(operations.length);
});
