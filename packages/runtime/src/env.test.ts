import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { describeEnvironment, EnvironmentError, parseEnvironment, variable } from './env.ts';

const schema = z
  .object({
    PORT: variable.port().default(8080).describe('Where to listen.'),
    DATABASE_URL: variable.url('postgres', 'postgresql').describe('The database.'),
    PEPPER: variable.secret({ minLength: 16 }).describe('Mixed into key hashes.'),
    KEY: variable.secretBytes(32).optional().describe('Encrypts.'),
    WAIT: variable.durationMs().default(30_000).describe('How long.'),
    LIMIT: variable.bytes().default(1024).describe('How much.'),
    TRUST: variable.boolean().default(false).describe('Whether.'),
    LEVEL: z.enum(['debug', 'info']).default('info').describe('How loud.'),
    CIDRS: variable.list().optional().describe('Which networks.'),
    COPIES: variable.integer({ min: 1, max: 9 }).default(1).describe('How many.'),
  })
  .superRefine((env, context) => {
    if (env.TRUST && env.CIDRS === undefined) {
      context.addIssue({ code: 'custom', path: ['CIDRS'], message: 'must be set when TRUST is' });
    }
  });

const minimal = { DATABASE_URL: 'postgres://u:p@db/x', PEPPER: 'sixteen-characters' };

function failure(source: Record<string, string>): EnvironmentError {
  try {
    parseEnvironment('gateway', schema, source);
  } catch (error) {
    if (error instanceof EnvironmentError) return error;
    throw error;
  }
  throw new Error('parsed');
}

describe('parseEnvironment', () => {
  test('fills in defaults and leaves optional ones out', () => {
    expect(parseEnvironment('gateway', schema, minimal)).toEqual({
      ...minimal,
      PORT: 8080,
      WAIT: 30_000,
      LIMIT: 1024,
      TRUST: false,
      LEVEL: 'info',
      COPIES: 1,
    });
  });

  test('converts every kind of variable', () => {
    const key = Buffer.alloc(32, 7);
    expect(
      parseEnvironment('gateway', schema, {
        ...minimal,
        PORT: '0',
        KEY: key.toString('base64'),
        WAIT: '5m',
        LIMIT: '64KiB',
        TRUST: '1',
        CIDRS: ' 10.0.0.0/8, ,192.168.0.0/16 ',
        COPIES: '9',
      }),
    ).toMatchObject({
      PORT: 0,
      KEY: key,
      WAIT: 300_000,
      LIMIT: 65_536,
      TRUST: true,
      CIDRS: ['10.0.0.0/8', '192.168.0.0/16'],
      COPIES: 9,
    });
  });

  test('an empty variable is an unset one', () => {
    expect(parseEnvironment('gateway', schema, { ...minimal, PORT: '', CIDRS: '  ' })).not.toHaveProperty(
      'CIDRS',
    );
    expect(failure({ ...minimal, PEPPER: '' }).message).toContain('PEPPER: is not set');
  });

  test('names every variable that is missing or wrong, with its description', () => {
    const error = failure({ PORT: '65536', PEPPER: 'short', WAIT: '5 parsecs', LEVEL: 'loud' });
    expect(error.variables.toSorted()).toEqual(['DATABASE_URL', 'LEVEL', 'PEPPER', 'PORT', 'WAIT']);
    expect(error.exitCode).toBe(78);
    expect(error.message).toMatch(/^gateway cannot start/);
    expect(error.message).toContain('PORT: must be a port number, 0 to 65535\n      Where to listen.');
    expect(error.message).toContain('DATABASE_URL: is not set\n      The database.');
    expect(error.message).toContain('PEPPER: must have at least 16 characters');
    expect(error.message).toContain('WAIT: must be a duration');
  });

  test('reports a rule between variables', () => {
    expect(failure({ ...minimal, TRUST: 'true' }).message).toContain('CIDRS: must be set when TRUST is');
  });

  test('never repeats a value', () => {
    const value = 'rg_canary_value';
    const source = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, value]));
    const error = failure({ ...source, PEPPER: 'canary', DATABASE_URL: `mysql://${value}` });
    expect(error.variables.length).toBeGreaterThan(7);
    expect(`${error.message}${error.stack}`).not.toContain('canary');
  });

  test.each([
    ['PORT', '-1'],
    ['PORT', '0x50'],
    ['PORT', '8e3'],
    ['COPIES', '0'],
    ['COPIES', '1.5'],
    ['TRUST', 'yes'],
    ['LIMIT', '5 MB'],
    ['KEY', Buffer.alloc(31).toString('base64')],
    ['KEY', `${Buffer.alloc(32).toString('base64')}!`],
    ['DATABASE_URL', 'not a url'],
  ])('refuses %s=%s', (name, value) => {
    expect(failure({ ...minimal, [name]: value }).variables).toEqual([name]);
  });
});

describe('describeEnvironment', () => {
  test('tells what is required, the default, and what is secret', () => {
    const rows = Object.fromEntries(describeEnvironment(schema).map((row) => [row.name, row]));
    expect(Object.keys(rows)).toEqual(Object.keys(schema.shape));
    expect(rows.PORT).toEqual({
      name: 'PORT',
      required: false,
      default: '8080',
      description: 'Where to listen.',
      secret: false,
    });
    expect(rows.PEPPER).toMatchObject({ required: true, default: undefined, secret: true });
    expect(rows.KEY).toMatchObject({ required: false, default: undefined, secret: true });
  });

  test('finds a description given before the default, and insists on one', () => {
    const inner = z.object({ A: z.string().describe('Inner.').optional() });
    expect(describeEnvironment(inner)).toMatchObject([{ description: 'Inner.', required: false }]);
    expect(() => describeEnvironment(z.object({ A: z.string() }))).toThrow('A has no .describe()');
  });
});
