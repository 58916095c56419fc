import { readFile } from 'node:fs/promises';
import {
  API_OPERATIONS,
  type ApiOperation,
  createVideoSchema,
  ERROR_STATUSES,
  listVideosQuerySchema,
  openApiDocument,
  VIDEO_STATUSES,
} from '@reelgate/contract';
import { ADMIN_ERROR_STATUSES } from '@reelgate/contract/admin';
import { ERROR_CODES } from '@reelgate/core';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describedApi } from '../../contract-checker/described-api.ts';
import { ORIGINAL_ANSWERS, OUR_NAMES } from './exchanges.ts';

const document = openApiDocument({ version: '1.2.3', serverUrl: 'https://reelgate.example' });
const original = parse(
  await readFile(new URL('openai-videos.openapi.yaml', import.meta.url), 'utf8'),
) as Record<string, unknown> & { paths: Record<string, Record<string, unknown>> };
const ours = describedApi(document, 'ours');
const theirs = describedApi(original, 'original');
const pairs = Object.keys(OUR_NAMES) as (keyof typeof OUR_NAMES)[];

test('is valid OpenAPI 3.1, and so is the original', async () => {
  for (const candidate of [document, original]) {
    const result = await new Validator().validate(JSON.parse(JSON.stringify(candidate)));
    expect(result).toMatchObject({ valid: true });
  }
  expect(document.servers.map(({ url }) => url)).toEqual([
    'https://reelgate.example/v1',
    'https://reelgate.example/openai/v1',
  ]);
});

test('every reference leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)].map((found) => found[1]);
  expect(references.length).toBeGreaterThan(50);
  for (const pointer of references)
    expect([pointer, ours.look(pointer ?? '')?.node]).not.toContain(undefined);
});

test('has every operation of the original, and marks every other one as ours', () => {
  const operationsOf = (paths: Record<string, object>) =>
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
  const published = new Set(operationsOf(original.paths));
  expect(published.size).toBe(10);
  expect([...published].filter((operation) => !operationsOf(document.paths).includes(operation))).toEqual([]);
  // Models and files are part of the original API, though not of its slice about videos.
  const others = API_OPERATIONS.filter(({ method, path }) => !published.has(`${method} ${path}`));
  const isOriginal = ({ tag }: ApiOperation) => tag === 'Models' || tag === 'Files';
  expect(others.filter(isOriginal).map(({ beyondOriginal }) => beyondOriginal)).toEqual(
    Array(7).fill(undefined),
  );
  // OpenAI manages webhook endpoints by these.
  const ofWebhooks = others.filter(({ tag, beyondOriginal }) => tag === 'Webhooks' && !beyondOriginal);
  expect(ofWebhooks.map(({ path }) => path)).toSatisfy((paths: string[]) =>
    paths.every((path) => /^\/webhook_(endpoints|event_types)/.test(path)),
  );
  for (const operation of others.filter((each) => !isOriginal(each) && !ofWebhooks.includes(each))) {
    expect(operation).toMatchObject({ beyondOriginal: true });
    expect(document.paths[operation.path]?.[operation.method]).toMatchObject({
      'x-reelgate': true,
      summary: expect.stringContaining('Reelgate only'),
    });
  }
});

test('takes every parameter and media type of a request that the original takes', () => {
  for (const [path, methods] of Object.entries(original.paths)) {
    for (const method of Object.keys(methods)) {
      const their = theirs.find(method, `/v1${path}`);
      const our = ours.find(method, `/v1${path}`);
      const names = (operation: typeof our) =>
        operation?.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      expect(names(our)).toEqual(expect.arrayContaining(names(their) ?? []));
      const types = (api: typeof ours, operation: typeof our) =>
        Object.keys((api.look(`${operation?.pointer}/requestBody/content`)?.node ?? {}) as object).sort();
      expect(types(ours, our)).toEqual(types(theirs, their));
    }
  }
});

describe('the answers of the original and ours', () => {
  test.each(pairs)('%s: what the original answered is what we may answer', (name) => {
    for (const answer of ORIGINAL_ANSWERS[name]) {
      expect(theirs.checkAt(`/components/schemas/${name}`)(answer)).toBeNull();
      expect(ours.checkAt(`/components/schemas/${OUR_NAMES[name]}`)(answer)).toBeNull();
    }
  });

  test.each(pairs)('%s: our example is what the original may answer', (name) => {
    const { examples = [] } = document.components.schemas[OUR_NAMES[name]] as { examples?: unknown[] };
    expect(examples).not.toEqual([]);
    for (const example of examples) {
      expect(theirs.checkAt(`/components/schemas/${name}`)(example)).toBeNull();
    }
  });

  test.each(pairs)('%s: without any one of its keys it is neither', (name) => {
    const [answer] = ORIGINAL_ANSWERS[name];
    for (const key of Object.keys(answer)) {
      const { [key]: _, ...rest } = answer as Record<string, unknown>;
      expect([key, theirs.checkAt(`/components/schemas/${name}`)(rest)]).not.toContain(null);
      expect([key, ours.checkAt(`/components/schemas/${OUR_NAMES[name]}`)(rest)]).not.toContain(null);
    }
  });

  test('no fifth status, and no key that we do not promise', () => {
    const [video] = ORIGINAL_ANSWERS.VideoResource;
    const check = ours.checkAt('/components/schemas/Video');
    for (const status of VIDEO_STATUSES) expect(check({ ...video, status })).toBeNull();
    expect(check({ ...video, status: 'archiving' })).toContain('/status');
    expect(check({ ...video, upstream_id: 'x' })).toContain('additional properties');
    expect(check({ ...video, seconds: 4 })).toContain('/seconds');
    expect(check({ ...video, metadata: { campaign: 'spring' } })).toBeNull();
  });
});

test('every example in the document is what its schema says', () => {
  let examples = 0;
  const visit = (node: unknown, pointer: string) => {
    if (typeof node !== 'object' || node === null) return;
    const { schema, example, examples: own } = node as Record<string, unknown>;
    if (schema !== undefined && example !== undefined) {
      expect([pointer, ours.checkAt(`${pointer}/schema`)(example)]).toEqual([pointer, null]);
      examples++;
    }
    if (Array.isArray(own)) {
      for (const value of own) {
        expect([pointer, ours.checkAt(pointer)(value)]).toEqual([pointer, null]);
        examples++;
      }
      return;
    }
    for (const [key, value] of Object.entries(node)) {
      visit(value, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    }
  };
  visit(document, '');
  expect(examples).toBeGreaterThan(60);
});

test('names every refusal of core', () => {
  const described = Object.values(ERROR_STATUSES).flatMap(({ codes }) => Object.keys(codes));
  const ofAdmins = Object.values(ADMIN_ERROR_STATUSES).flatMap(({ codes }) => Object.keys(codes));
  expect([...ERROR_CODES].filter((code) => ![...described, ...ofAdmins].includes(code))).toEqual([]);
  expect(new Set(described).size).toBe(described.length);
  expect(Object.keys(ERROR_STATUSES)).not.toContain('409');
});

describe('what validates a request and what describes it agree', () => {
  const labels = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
  const prompt = 'x';
  const bodies: [string, object, boolean][] = [
    ['a prompt', { prompt }, true],
    ['no prompt', {}, false],
    ['an empty prompt', { prompt: '' }, false],
    ['a prompt of 32,000 characters of two units', { prompt: '😀'.repeat(32_000) }, true],
    ['one character more', { prompt: '😀'.repeat(32_001) }, false],
    ['fields for the upstream', { prompt, negative_prompt: 'rain', seed: 7 }, true],
    ['seconds as a string', { prompt, seconds: '16' }, true],
    ['seconds as a number', { prompt, seconds: 4 }, false],
    ['seconds with a fraction', { prompt, seconds: '4.5' }, false],
    ['1080p', { prompt, size: '1920x1080' }, true],
    ['a size in words', { prompt, size: '1080p' }, false],
    ['an empty model', { prompt, model: '' }, false],
    ['a reference to a file', { prompt, input_reference: { file_id: 'file-123' } }, true],
    ['a reference to a URL', { prompt, input_reference: { image_url: 'https://example.com/a.png' } }, true],
    ['a data URL', { prompt, input_reference: { image_url: 'data:image/png;base64,iVBORw0KGgo=' } }, true],
    ['both at once', { prompt, input_reference: { file_id: 'a', image_url: 'https://example.com' } }, false],
    ['neither', { prompt, input_reference: {} }, false],
    ['a string for a reference', { prompt, input_reference: 'https://example.com/a.png' }, false],
    ['two characters', { prompt, characters: [{ id: 'char_1' }, { id: 'char_2' }] }, true],
    ['three', { prompt, characters: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] }, false],
    ['16 labels', { prompt, metadata: labels(16) }, true],
    ['17 labels', { prompt, metadata: labels(17) }, false],
    ['a key of 64', { prompt, metadata: { ['k'.repeat(64)]: 'v' } }, true],
    ['a key of 65', { prompt, metadata: { ['k'.repeat(65)]: 'v' } }, false],
    ['a value of 512', { prompt, metadata: { k: 'v'.repeat(512) } }, true],
    ['a value of 513', { prompt, metadata: { k: 'v'.repeat(513) } }, false],
    ['a number as a value', { prompt, metadata: { k: 1 } }, false],
  ];

  test.each(bodies)('%s', (_, body, good) => {
    expect(createVideoSchema.safeParse(body).success).toBe(good);
    expect(ours.checkAt('/components/schemas/CreateVideo')(body) === null).toBe(good);
  });

  test('fields that nobody knows are kept', () => {
    expect(createVideoSchema.parse({ prompt, seed: 7 })).toEqual({ prompt, seed: 7 });
  });

  const queries: [string, string | object, boolean][] = [
    ['limit', '0', true],
    ['limit', '100', true],
    ['limit', '101', false],
    ['limit', '-1', false],
    ['limit', '1.5', false],
    ['limit', 'all', false],
    ['order', 'asc', true],
    ['order', 'newest', false],
    ['status', 'in_progress', true],
    ['status', 'archiving', false],
    ['operation', 'extend', true],
    ['operation', 'cut', false],
    ['created_after', '1790000000', true],
    ['created_before', 'yesterday', false],
    ['metadata', { campaign: 'spring' }, true],
    ['metadata', labels(17), false],
  ];

  test.each(queries)('%s=%j', (name, value, good) => {
    const parameter = ours.find('get', '/v1/videos')?.parameters.find((found) => found.name === name);
    expect(listVideosQuerySchema.safeParse({ [name]: value }).success).toBe(good);
    expect(ours.checkAt(`${parameter?.pointer}/schema`, { spelled: true })(value) === null).toBe(good);
  });

  test('numbers of a query arrive as numbers', () => {
    expect(listVideosQuerySchema.parse({ limit: '7', created_after: '5' })).toEqual({
      limit: 7,
      created_after: 5,
    });
  });
});
