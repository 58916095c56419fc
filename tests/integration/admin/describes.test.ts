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

test.each([
  ['250000000', true],
  ['0', true],
  ['999999999999999999', true],
  ['-1', false],
  ['1.5', false],
  ['1e308', false],
  ['1_000', false],
  [' 1', false],
  ['0x10', false],
  ['9999999999999999999', false],
  [250_000_000, false],
  [Number.MAX_VALUE, false],
  [true, false],
])('a limit of %j: %s', (hard, good) => {
  const quota = { scope_kind: 'team', scope_id: 'team_1', metric: 'cost', window: 'month', hard };
  expect(ADMIN_OPERATIONS.createQuota.body.safeParse(quota).success).toBe(good);
  if (typeof hard === 'string') {
    const settled = { cost_micro_usd: hard, reason: 'the bill' };
    expect(ADMIN_OPERATIONS.settleVideo.body.safeParse(settled).success).toBe(good);
  }
});
