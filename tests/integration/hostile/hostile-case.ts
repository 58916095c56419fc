import { expect } from 'vitest';
import type { AskOptions } from '../gateway/gateway-process.ts';
import type { World } from './world.ts';

/** One hostile input and what has to come of it. `row` is its line in the table of hostile inputs (reliability, section 6). */
export interface HostileCase {
  readonly row: number;
  readonly name: string;
  /** How many videos it makes, for an input that turns out to be harmless; none otherwise. */
  readonly makes?: number;
  readonly makesCharacters?: number;
  readonly run: (world: World) => Promise<void>;
}

export interface Expected {
  readonly status: number | readonly number[];
  readonly code?: string;
  readonly param?: string;
}

type Asked = readonly [method: string, path: string, options?: AskOptions];

/** A case that is one request: its answer is an error in the envelope, with this status. */
export function refused(
  row: number,
  name: string,
  asked: Asked | ((world: World) => Asked),
  expected: Expected,
): HostileCase {
  return {
    row,
    name,
    async run(world) {
      const [method, path, options] = typeof asked === 'function' ? asked(world) : asked;
      const answer = await world.ask(method, path, options);
      expect([expected.status].flat(), answer.text).toContain(answer.status);
      expect(answer.json).toMatchObject({
        error: {
          message: expect.any(String),
          type: 'invalid_request_error',
          ...(expected.code !== undefined && { code: expected.code }),
          ...(expected.param !== undefined && { param: expected.param }),
        },
      });
      expect(answer.text).not.toContain(world.canary);
      expect(answer.text).not.toContain('    at ');
    },
  };
}

/** JSON fields of a create, beside a prompt with the canary in it. */
export function refusedCreate(
  row: number,
  name: string,
  fields: Record<string, unknown> | ((world: World) => Record<string, unknown>),
  expected: Expected,
): HostileCase {
  return refused(
    row,
    name,
    (world) => {
      const given = typeof fields === 'function' ? fields(world) : fields;
      return ['POST', '/v1/videos', { json: { prompt: world.canary, ...given } }];
    },
    expected,
  );
}

/** The head of a request, line by line. */
export function head(line: string, ...headers: readonly string[]): string {
  return `${[line, ...headers].join('\r\n')}\r\n\r\n`;
}

export const bearer = ({ team }: World) => `Authorization: Bearer ${team.secret}`;
export const JSON_TYPE = { 'content-type': 'application/json' };
