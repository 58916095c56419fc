import { describeEnvironment, type EnvironmentRow } from '@reelgate/runtime';

type Schema = Parameters<typeof describeEnvironment>[0];

/** The variables of a server process, from the one schema that its `env.ts` exports. */
export async function environmentOf(app: 'gateway' | 'worker'): Promise<EnvironmentRow[]> {
  const file = new URL(`../../apps/${app}/src/env.ts`, import.meta.url).href;
  const exported = Object.values((await import(file)) as Record<string, unknown>);
  const schemas = exported.filter(
    (value): value is Schema => typeof value === 'object' && value !== null && 'shape' in value,
  );
  const [schema] = schemas;
  if (schema === undefined || schemas.length > 1) {
    throw new Error(`apps/${app}/src/env.ts exports ${schemas.length} schemas, not one`);
  }
  return describeEnvironment(schema);
}
