import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack, type Team } from './gateway-process.ts';

let stack: Stack;
let team: Team;

beforeAll(async () => {
  stack = await startStack();
  team = await stack.addTeam();
});
afterAll(() => stack.close());

/** Who may not is in tests/integration/hostile. */
test.each([
  ['Bearer', () => ({ authorization: `Bearer ${team.secret}` })],
  ['bearer', () => ({ authorization: `bearer ${team.secret}` })],
  ['the header of Azure', () => ({ 'api-key': team.secret })],
])('%s: may', async (_, headers) => {
  const { id } = (await stack.create(team)).json;
  const answer = await stack.ask(null, 'GET', `/v1/videos/${id}`, { headers: headers() });
  expect(answer).toMatchObject({ status: 200, json: { id } });
});
