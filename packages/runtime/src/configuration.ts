import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigurationError, parseYaml } from './yaml-file.ts';

const identifier = z
  .string()
  .regex(/^[A-Za-z0-9][\w.:/-]{0,99}$/, 'must be a name of letters, digits and . _ : / -');
const size = z.string().regex(/^[1-9]\d{1,4}x[1-9]\d{1,4}$/, 'must be a size such as 720x1280');
const usd = z
  .string('must be a decimal number of US dollars in quotes, such as "0.10"')
  .regex(
    /^\d{1,6}(\.\d{1,6})?$/,
    'must be a decimal number of US dollars with at most 6 decimals, such as "0.10"',
  )
  .transform(microUsd);
const seconds = z.int('must be a whole number of seconds').min(1).max(3_600);

const variableName = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'must be the name of an environment variable');

const upstreamSchema = z.strictObject({
  name: identifier,
  kind: z.enum(['openai']),
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .transform((url) => url.replace(/\/+$/, '')),
  apiKeyEnv: variableName.optional(),
  /** Names of the variables that hold the secret part of `/hooks/upstream/<token>`, and what its webhooks are signed with. */
  webhookTokenEnv: variableName.optional(),
  webhookSecretEnv: variableName.optional(),
  variants: z
    .array(z.enum(['video', 'thumbnail', 'spritesheet']))
    .min(1)
    .default(['video', 'thumbnail', 'spritesheet']),
  operations: z
    .array(z.enum(['create', 'remix', 'edit', 'extend']))
    .min(1)
    .default(['create', 'remix', 'edit', 'extend']),
  characters: z.boolean().default(true),
  videoUploads: z.boolean().default(true),
  /** Where `expires_at` is not told: how long finished content stays. */
  contentLifeSeconds: z.int().min(60).max(31_536_000).default(3_600),
  pollIntervalMs: z.int().min(10).max(3_600_000).default(5_000),
  listable: z.boolean().default(true),
  chargesOnFailure: z.boolean().default(false),
  /** Whether a video that the upstream has lost counts as charged. */
  chargesOnLoss: z.boolean().default(true),
  /** Whether its copy of a video is erased once the video is stored here; it cannot be remixed there any more. */
  eraseAfterArchiving: z.boolean().default(false),
  /** Makes the videos of test keys, whatever model they ask for. */
  test: z.boolean().default(false),
});

const modelSchema = z.strictObject({
  name: identifier,
  upstream: z.string(),
  upstreamModel: identifier.optional(),
  seconds: z.array(seconds).min(1, 'must list at least one duration'),
  sizes: z.array(size).min(1, 'must list at least one size'),
  defaultSeconds: seconds.optional(),
  defaultSize: size.optional(),
  pricePerSecond: z.record(size, usd),
});

const ssoSchema = z.strictObject({
  issuer: z.string().min(1),
  audience: z.string().min(1),
  /** Where the issuer's public keys are. */
  jwksUrl: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }),
  /** The claim of a token that names the team. */
  teamClaim: z.string().min(1).default('team'),
});

const fileSchema = z
  .strictObject({
    upstreams: z.array(upstreamSchema).min(1, 'must list at least one upstream'),
    models: z.array(modelSchema).min(1, 'must list at least one model'),
    /** Tokens of the company's own sign-in, which are then as good as API keys. */
    sso: ssoSchema.optional(),
  })
  .superRefine((file, context) => {
    const problem = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });

    const upstreams = new Set(file.upstreams.map((upstream) => upstream.name));
    const { upstreams: listed, models } = file;
    for (const [list, entries] of Object.entries({ upstreams: listed, models })) {
      const seen = new Set<string>();
      for (const [index, { name }] of entries.entries()) {
        if (seen.has(name)) problem([list, index, 'name'], `"${name}" is already taken by an entry above`);
        seen.add(name);
      }
    }
    const forTests = file.upstreams.findIndex(({ test }) => test);
    for (const [index, { test }] of file.upstreams.entries()) {
      if (test && index > forTests)
        problem(['upstreams', index, 'test'], 'an upstream above is for tests already');
    }
    for (const [index, model] of file.models.entries()) {
      const at = (...path: (string | number)[]) => ['models', index, ...path];
      if (!upstreams.has(model.upstream)) problem(at('upstream'), `no upstream is named "${model.upstream}"`);
      for (const [position, name] of model.sizes.entries()) {
        if (model.pricePerSecond[name] === undefined) {
          problem(at('sizes', position), `${name} has no price: add it to pricePerSecond`);
        }
      }
      for (const priced of Object.keys(model.pricePerSecond)) {
        if (!model.sizes.includes(priced)) problem(at('pricePerSecond', priced), 'is not one of the sizes');
      }
      if (model.defaultSeconds !== undefined && !model.seconds.includes(model.defaultSeconds)) {
        problem(at('defaultSeconds'), 'is not one of the seconds');
      }
      if (model.defaultSize !== undefined && !model.sizes.includes(model.defaultSize)) {
        problem(at('defaultSize'), 'is not one of the sizes');
      }
    }
  });

/** `apiKeyEnv` names the variable; `apiKey` is its value and is there only after `loadConfiguration`. So it is with the others. */
export type UpstreamConfiguration = Readonly<z.output<typeof upstreamSchema>> & {
  readonly [Secret in (typeof SECRETS)[number]]?: string;
};

const SECRETS = ['apiKey', 'webhookToken', 'webhookSecret'] as const;

export interface ModelConfiguration {
  readonly name: string;
  /** The name of one of the configured upstreams. */
  readonly upstream: string;
  /** What the upstream calls the model. */
  readonly upstreamModel: string;
  readonly seconds: readonly number[];
  readonly sizes: readonly string[];
  readonly defaultSeconds: number;
  readonly defaultSize: string;
  /** By size; every size of `sizes` has an entry. */
  readonly pricePerSecondMicroUsd: Readonly<Record<string, bigint>>;
}

export interface Configuration {
  readonly upstreams: readonly UpstreamConfiguration[];
  readonly models: readonly ModelConfiguration[];
  readonly sso?: Readonly<z.output<typeof ssoSchema>> | undefined;
}

/** Checks the text of a configuration file. `file` is only what error messages call it. */
export function parseConfiguration(text: string, file = 'the configuration'): Configuration {
  const { models, ...rest } = parseYaml(text, file, fileSchema);
  return { ...rest, models: models.map(completeModel) };
}

/** Reads the file at `path` and resolves each `apiKeyEnv` from `env`. */
export async function loadConfiguration(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Configuration> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError(path, [
      `cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`,
    ]);
  }
  const configuration = parseConfiguration(text, path);
  const problems: string[] = [];
  const upstreams = configuration.upstreams.map((upstream, index) => {
    const secrets: Partial<Record<(typeof SECRETS)[number], string>> = {};
    for (const secret of SECRETS) {
      const name = upstream[`${secret}Env`];
      if (name === undefined) continue;
      const value = env[name]?.trim();
      if (value) secrets[secret] = value;
      else problems.push(`upstreams[${index}].${secret}Env: the variable ${name} is not set`);
    }
    return { ...upstream, ...secrets };
  });
  if (problems.length > 0) throw new ConfigurationError(path, problems);
  return { ...configuration, upstreams };
}

function completeModel(model: z.output<typeof modelSchema>): ModelConfiguration {
  const { pricePerSecond, ...rest } = model;
  return {
    ...rest,
    upstreamModel: model.upstreamModel ?? model.name,
    defaultSeconds: model.defaultSeconds ?? first(model.seconds),
    defaultSize: model.defaultSize ?? first(model.sizes),
    pricePerSecondMicroUsd: pricePerSecond,
  };
}

function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error('the schema promises at least one');
  return item;
}

/** Exact: digits are moved, nothing is multiplied as a float. */
function microUsd(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}
