/** Row 68: a family without end. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';

let stack: Stack;
let team: Team;

beforeAll(async () => {
  stack = await startStack();
  team = await stack.addTeam();
});
afterAll(() => stack?.close());

const chain = (no: number) => `video_${String(no).padStart(32, 'c')}`;
const wide = (no: number) => `video_${String(no).padStart(32, 'w')}`;

async function lineage(id: string) {
  const answer = await stack.ask(team, 'GET', `/v1/videos/${id}/lineage`);
  expect(answer.status, answer.text).toBe(200);
  expect(Number(answer.headers['openai-processing-ms'])).toBeLessThan(2_000);
  const { ancestors, descendants, truncated } = answer.json;
  return { ancestors: ancestors.length, descendants, truncated };
}

test('a chain of 10,000 remixes, and 10,000 of one video: bounded answers, which say that there is more', async () => {
  const { id } = (await stack.create(team)).json;
  // Rows alone: nothing is due for any of them.
  await stack.database.db.$client.query(
    `insert into videos select copy.*
       from videos v, (values ('c'), ('w')) made (letter), generate_series(1, 10000) no,
            jsonb_populate_record(v, jsonb_build_object(
              'id', 'video_' || lpad(no::text, 32, made.letter), 'operation', 'remix', 'next_action_at', null,
              'parent_id', case when made.letter = 'w' or no = 1 then v.id else 'video_' || lpad((no - 1)::text, 32, 'c') end,
              'root_id', v.id, 'upstream_id', made.letter || no)) copy
      where v.id = $1`,
    [id],
  );

  const root = await lineage(id);
  expect(root).toMatchObject({ ancestors: 1, truncated: true });
  expect(root.descendants).toHaveLength(500);
  expect(new Set(root.descendants.map(({ distance }: { distance: number }) => distance))).toEqual(
    new Set([1]),
  );

  const middle = await lineage(chain(5_000));
  expect(middle).toMatchObject({ ancestors: 101, truncated: true });
  expect(middle.descendants).toHaveLength(100);
  expect(middle.descendants.at(-1)).toMatchObject({ id: chain(5_100), distance: 100 });

  expect(await lineage(chain(10_000))).toEqual({ ancestors: 101, descendants: [], truncated: true });
  expect(await lineage(wide(7))).toEqual({ ancestors: 2, descendants: [], truncated: false });
});
