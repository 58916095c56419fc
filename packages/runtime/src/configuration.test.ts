import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfiguration, parseConfiguration } from './configuration.ts';
import { ConfigurationError } from './yaml-file.ts';

const valid = `
upstreams:
  - name: simulator
    kind: openai
    baseUrl: http://localhost:4010/v1/
    apiKeyEnv: SIMULATOR_API_KEY
models:
  - name: sora-2
    upstream: simulator
    seconds: [8, 4]
    sizes: [720x1280, 1280x720]
    defaultSeconds: 4
    pricePerSecond: { 720x1280: "0.10", 1280x720: "1.000001" }
`;

function problems(text: string): readonly string[] {
  try {
    parseConfiguration(text);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  throw new Error('parsed');
}

describe('parseConfiguration', () => {
  test('fills in the defaults and turns prices into micro-dollars', () => {
    expect(parseConfiguration(valid)).toEqual({
      upstreams: [
        {
          name: 'simulator',
          kind: 'openai',
          baseUrl: 'http://localhost:4010/v1',
          apiKeyEnv: 'SIMULATOR_API_KEY',
          operations: ['create', 'remix', 'edit', 'extend'],
          characters: true,
          videoUploads: true,
          contentLifeSeconds: 3_600,
          variants: ['video', 'thumbnail', 'spritesheet'],
          pollIntervalMs: 5_000,
          listable: true,
          chargesOnFailure: false,
          chargesOnLoss: true,
          eraseAfterArchiving: false,
          test: false,
        },
      ],
      models: [
        {
          name: 'sora-2',
          upstream: 'simulator',
          upstreamModel: 'sora-2',
          seconds: [8, 4],
          sizes: ['720x1280', '1280x720'],
          defaultSeconds: 4,
          defaultSize: '720x1280',
          pricePerSecondMicroUsd: { '720x1280': 100_000n, '1280x720': 1_000_001n },
        },
      ],
    });
  });

  test('a price is exact for every number of micro-dollars', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 999_999_999_999n }), (price) => {
        const digits = price.toString().padStart(7, '0');
        const decimal = `${digits.slice(0, -6)}.${digits.slice(-6)}`;
        const { models } = parseConfiguration(valid.replace('"0.10"', `"${decimal}"`));
        expect(models[0]?.pricePerSecondMicroUsd['720x1280']).toBe(price);
      }),
    );
  });

  test.each([
    [
      'a size without a price',
      '"0.10", 1280x720: "1.000001"',
      '"0.10"',
      'models[0].sizes[1] (line 11): 1280x720 has no price',
    ],
    [
      'a price for no size',
      '1280x720: "1.000001"',
      '1280x720: "1", 1x1: "1"',
      'models[0].pricePerSecond.1x1',
    ],
    [
      'a price written as a float',
      '"0.10"',
      '0.10',
      'models[0].pricePerSecond.720x1280 (line 13): must be a decimal',
    ],
    ['a price too fine', '"0.10"', '"0.0000001"', 'at most 6 decimals'],
    ['a negative price', '"0.10"', '"-1"', 'models[0].pricePerSecond.720x1280'],
    [
      'two upstreams for tests',
      'apiKeyEnv: SIMULATOR_API_KEY\n',
      'test: true\n  - { name: other, kind: openai, baseUrl: http://localhost:4011, test: true }\n',
      'upstreams[1].test (line 7): an upstream above is for tests already',
    ],
    [
      'a sign-in without its keys',
      'models:',
      'sso: { issuer: x, audience: y }\nmodels:',
      'sso.jwksUrl: must be',
    ],
    [
      'an upstream that is not there',
      'upstream: simulator',
      'upstream: simulater',
      'models[0].upstream (line 9): no upstream is named "simulater"',
    ],
    [
      'an unknown key',
      'kind: openai',
      'kind: openai\n    basUrl: x',
      'upstreams[0] (line 3): Unrecognized key: "basUrl"',
    ],
    ['an unknown kind', 'kind: openai', 'kind: other', 'upstreams[0].kind (line 4)'],
    [
      'a URL that is none',
      'http://localhost:4010/v1/',
      'localhost',
      'upstreams[0].baseUrl (line 5): must be an http',
    ],
    ['another protocol', 'http://localhost', 'ftp://localhost', 'upstreams[0].baseUrl'],
    [
      'a default not offered',
      'defaultSeconds: 4',
      'defaultSeconds: 12',
      'models[0].defaultSeconds (line 12): is not one of',
    ],
    ['a default size not offered', 'defaultSeconds: 4', 'defaultSize: 9x90', 'models[0].defaultSize'],
    ['a size that is none', '[720x1280,', '[720X1280,', 'models[0].sizes[0] (line 11): must be a size'],
    ['half a second', '[8, 4]', '[8, 4.5]', 'models[0].seconds[1] (line 10)'],
    ['broken YAML', 'seconds: [8, 4]', 'seconds: [8, 4', 'line 1'],
    ['a key twice', 'kind: openai', 'kind: openai\n    kind: openai', 'line 5: Map keys must be unique'],
  ])('refuses %s and says where', (_, before, after, expected) => {
    expect(valid).toContain(before);
    expect(problems(valid.replace(before, after)).join('\n')).toContain(expected);
  });

  test('refuses the same name twice', () => {
    const twice = `${valid}${valid.slice(valid.indexOf('  - name: sora-2'))}`;
    expect(problems(twice)).toEqual([
      'models[1].name (line 14): "sora-2" is already taken by an entry above',
    ]);
  });

  test.each(['', '[]', 'hello', 'upstreams: []\nmodels: []'])('refuses %j', (text) => {
    expect(problems(text).length).toBeGreaterThan(0);
  });

  test('lists all problems at once', () => {
    const text = valid.replace('kind: openai', 'kind: x').replace('"0.10"', 'free').replace('[8, 4]', '[]');
    expect(problems(text)).toHaveLength(3);
  });
});

describe('loadConfiguration', () => {
  test('reads the example of infra', async () => {
    const example = fileURLToPath(new URL('../../../infra/reelgate.yaml', import.meta.url));
    const { upstreams, models } = await loadConfiguration(example, { SIMULATOR_API_KEY: 'k' });
    expect(upstreams).toMatchObject([
      { name: 'simulator', baseUrl: 'http://simulator:4010/v1', apiKey: 'k' },
    ]);
    expect(models.map((model) => [model.name, model.sizes.length])).toEqual([
      ['sora-2', 2],
      ['sora-2-pro', 6],
    ]);
    expect(models[1]?.pricePerSecondMicroUsd['1920x1080']).toBe(700_000n);
  });

  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'configuration-'));
    await writeFile(join(folder, 'reelgate.yaml'), valid);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('takes each API key from its variable', async () => {
    const { upstreams } = await loadConfiguration(join(folder, 'reelgate.yaml'), { SIMULATOR_API_KEY: 'k' });
    expect(upstreams[0]?.apiKey).toBe('k');
  });

  test.each([{}, { SIMULATOR_API_KEY: '' }])('refuses an unset variable: %j', async (env) => {
    await expect(loadConfiguration(join(folder, 'reelgate.yaml'), env)).rejects.toThrow(
      'upstreams[0].apiKeyEnv: the variable SIMULATOR_API_KEY is not set',
    );
  });

  test('names a file that cannot be read', async () => {
    await expect(loadConfiguration(join(folder, 'none.yaml'), {})).rejects.toThrow(/none\.yaml.*\n.*ENOENT/);
  });
});
