/** A Postgres whose disk is full: nobody pays for what cannot be recorded, and what was paid for is kept until it can be. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Answer, type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { type SmallDisk, startSmallDisk } from '../small-disk.ts';
import { makingRequests } from './truth.ts';

const DISK_BYTES = 256 * 2 ** 20;
/** Of a size that needs a new page of the disk for each. */
const WISH = 'a kite over the sea, '.repeat(500);

const program = fileURLToPath(new URL('postgres-on-small-disk.ts', import.meta.url));
const started = await startSmallDisk(DISK_BYTES, program);
if (typeof started === 'string') console.warn(`a full disk of Postgres is not tested here: ${started}`);
const disk = started as SmallDisk;

let stack: Stack;
let team: Team;
beforeAll(async () => {
  if (typeof started === 'string') return;
  stack = await startStack({ databaseServerUrl: disk.greeting });
  team = await stack.addTeam(1_000_000_000n);
  await stack.startWorker();
});
afterAll(async () => {
  if (typeof started === 'string') return;
  await disk.clear();
  await stack.close();
  await disk.close();
});

const create = (wish: number) => stack.create(team, { prompt: `${wish} ${WISH}` });
const query = async (text: string, values: unknown[] = []) =>
  (await stack.database.db.$client.query(text, values)).rows;

test.skipIf(typeof started === 'string')(
  'creates get 503 or a video while it lasts, and afterwards there is a video for each that was made',
  async () => {
    const { id: before } = (await create(0)).json;
    await disk.fill();
    const answers: Answer[] = [];
    // Who has been accepted, and whose upstream's answer cannot be recorded, waits for that: nobody here waits for who waits.
    const asked: Promise<unknown>[] = [];
    await vi.waitFor(
      () => {
        asked.push(create(asked.length + 1).then((answer) => answers.push(answer)));
        expect(answers.filter(({ status }) => status === 503).length).toBeGreaterThan(3);
      },
      { timeout: 60_000, interval: 20 },
    );
    expect((await stack.ask(team, 'GET', `/v1/videos/${before}`)).status).toBe(200);

    await disk.clear();
    await Promise.all(asked);
    for (const { status, json } of answers.filter((answer) => answer.status !== 200)) {
      expect({ status, json }).toMatchObject({
        status: 503,
        json: { error: { type: 'server_error', code: 'service_unavailable' } },
      });
    }
    const taken = answers.filter(({ status }) => status === 200).map(({ json }) => json.id as string);
    const again = await vi.waitFor(
      async () => {
        const answer = await create(0);
        expect(answer.status).toBe(200);
        return answer.json.id as string;
      },
      { timeout: 30_000, interval: 200 },
    );
    await vi.waitFor(
      async () => {
        for (const id of [before, ...taken, again])
          expect((await stack.ask(team, 'GET', `/v1/videos/${id}`)).json.status).toBe('completed');
      },
      { timeout: 60_000, interval: 500 },
    );
    const [made] = await query(
      'select count(*)::int as videos, count(distinct upstream_id)::int as upstream from videos where upstream_id is not null',
    );
    expect(made).toEqual({ videos: await makingRequests(stack), upstream: await makingRequests(stack) });
    expect(
      await query(
        'select sum(b.reserved)::int as reserved from quota_buckets b join quota_limits l on l.id = b.limit_id where l.scope_id = $1',
        [team.teamId],
      ),
    ).toEqual([{ reserved: 0 }]);
  },
  180_000,
);
