/** Every command of docs/quotas.md is run as it stands, one after the other. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTeam } from '@reelgate/core';
import { createTestDatabase, seedModels, type TestDatabase } from '@reelgate/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));
const page = new URL('../../../docs/quotas.md', import.meta.url);
let database: TestDatabase;
let directory: string;

beforeAll(async () => {
  database = await createTestDatabase();
  await seedModels(database.db);
  await createTeam({ db: database.db }, { name: 'films' });
  directory = await mkdtemp(join(tmpdir(), 'reelgate-quotas-'));
});
afterAll(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

const run = (command: string) =>
  promisify(execFile)(
    'bash',
    ['-euc', command.replace('npm run reelgate --', `${process.execPath} ${program}`)],
    {
      cwd: directory,
      env: { ...process.env, DATABASE_URL: database.url },
    },
  );

test('the commands of the page do what it says', async () => {
  const text = await readFile(page, 'utf8');
  const commands = [...text.matchAll(/```sh\n([^`]*)```/g)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
  expect(commands.length).toBeGreaterThan(10);
  const said: Record<string, string> = {};
  for (const command of commands) said[command] = (await run(command)).stdout;

  expect(said['npm run reelgate -- quota set --team films --metric cost --window month --hard 250']).toBe(
    'Team films is limited to 250.00 USD (cost) a month.\n',
  );
  expect(said['npm run reelgate -- quota list --team films']?.trim().split('\n')).toHaveLength(4);
  expect(said['npm run reelgate -- quota plan quotas.yaml']).toBe('Nothing to change.\n');
  expect(said['npm run reelgate -- usage show']).toBe(
    '0 videos (0 failed), 0 s, 0.00 USD spent, 0.00 USD reserved\n',
  );
}, 120_000);

test('a changed file is planned, applied as a whole, and then there is nothing left to do', async () => {
  await writeFile(
    join(directory, 'quotas.yaml'),
    `quotas:
  - team: films
    metric: cost
    window: month
    hard: '300'
  - organization: true
    metric: videos
    window: day
    hard: '7'
`,
  );
  const planned = (await run('npm run reelgate -- quota plan quotas.yaml')).stdout.trim().split('\n');
  expect(planned.map((line) => line[0]).sort()).toEqual(['+', '-', '-', '-', '~']);
  expect(planned.find((line) => line.startsWith('~'))).toContain('250.00 USD -> 300.00 USD');
  expect((await run('npm run reelgate -- quota apply quotas.yaml')).stdout.trim().split('\n')).toEqual(
    planned,
  );
  expect((await run('npm run reelgate -- quota plan quotas.yaml')).stdout).toBe('Nothing to change.\n');
}, 120_000);
