/** The commands of docs/admin-api.md, run as they stand, one after another. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../gateway/gateway-process.ts';

const run = promisify(execFile);
let stack: Stack;
let directory: string;

beforeAll(async () => {
  stack = await startStack();
  directory = await mkdtemp(join(tmpdir(), 'reelgate-admin-'));
  // As much of jq as the page needs, for machines that have none.
  const jq = `#!${process.execPath}\nlet text = '';\nprocess.stdin.on('data', (c) => { text += c; }).on('end', () => console.log(JSON.parse(text)[process.argv[3].slice(1)]));\n`;
  await writeFile(join(directory, 'jq'), jq, { mode: 0o755 });
});
afterAll(async () => {
  await stack.close();
  await rm(directory, { recursive: true });
});

test('each command answers', async () => {
  const page = await readFile(new URL('../../../docs/admin-api.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((found) => found[1] ?? '');
  expect(blocks.length).toBeGreaterThan(5);
  const { stdout } = await run('bash', ['-euc', blocks.map((block) => `${block}\necho`).join('\n')], {
    cwd: directory,
    env: {
      PATH: `${directory}:${process.env.PATH}`,
      REELGATE_URL: stack.gateway.origin,
      REELGATE_ADMIN_KEY: (await stack.addAdmin()).secret,
    },
  });
  const answers = stdout
    .split('\n')
    .flatMap((line) => line.replaceAll('}{', '}\n{').split('\n'))
    .filter((line) => line !== '');
  const objects = answers.map((line) => JSON.parse(line));
  expect(objects.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(objects.map(({ object }) => object)).toEqual([
    ...['me', 'team', 'list', 'video_counts', 'overview', 'spend_series', 'list', 'audit_verification'],
  ]);
  const [, , , , , , audit, verification] = objects;
  expect(audit.data.map(({ action, target_name }: Record<string, string>) => [action, target_name])).toEqual([
    ['team.update', 'trailers and teasers'],
    ['team.create', 'trailers and teasers'],
  ]);
  expect(verification).toMatchObject({ intact: true });
  expect(await readFile(join(directory, 'videos.csv'), 'utf8')).toMatch(/^id,team\.id,/);
});
