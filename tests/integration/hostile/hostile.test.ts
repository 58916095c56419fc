import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodies } from './bodies.ts';
import { callers, secretsOf } from './callers.ts';
import { connections } from './connections.ts';
import { content } from './content.ts';
import { files } from './files.ts';
import { floods } from './floods.ts';
import { forms } from './forms.ts';
import type { HostileCase } from './hostile-case.ts';
import { notYet } from './not-yet.ts';
import { operations } from './operations.ts';
import { paths } from './paths.ts';
import { queries } from './queries.ts';
import { repeats } from './repeats.ts';
import { upstreamCases } from './upstream-cases.ts';
import { values } from './values.ts';
import { readLedger, startWorld, type World } from './world.ts';

const ROWS = Array.from({ length: 72 }, (_, index) => index + 1);
const cases = [
  callers,
  paths,
  connections,
  bodies,
  floods,
  forms,
  files,
  values,
  queries,
  repeats,
  content,
  operations,
].flat();

describe('a hostile input changes nothing', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world?.close());

  const byRow = Map.groupBy(cases, ({ row }) => row);
  for (const row of [...byRow.keys()].sort((a, b) => a - b)) {
    test.each(byRow.get(row) as HostileCase[])(
      `${row}: $name`,
      async ({ run, makes = 0, makesCharacters = 0 }) => {
        const before = await readLedger(world);
        await run(world);

        expect(world.stack.gateway.process.exitCode).toBeNull();
        expect((await world.stack.ask(null, 'GET', '/health/live')).json).toMatchObject({ ok: true });
        const after = await readLedger(world);
        expect(after.videos - before.videos).toBe(makes);
        expect(after.creates - before.creates).toBe(makes);
        expect(after.characters - before.characters).toBe(makesCharacters);
        if (makes === 0) expect(after.microUsd).toBe(before.microUsd);
        const output = world.stack.gateway.output();
        for (const secret of [world.canary, ...secretsOf(world)]) expect(output.includes(secret)).toBe(false);
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      },
    );
  }
});

test('every row of the table of hostile inputs has a case, or the part that it waits for', () => {
  const held = [...cases, ...upstreamCases].map(({ row }) => row);
  expect([...new Set([...held, ...notYet.map(({ row }) => row)])].sort((a, b) => a - b)).toEqual(ROWS);
  for (const { heldBy } of notYet) {
    if (heldBy !== undefined)
      expect([heldBy, existsSync(new URL(`../../../${heldBy}`, import.meta.url))]).toEqual([heldBy, true]);
  }
});
