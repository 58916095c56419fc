import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { type Gateway, type Stack, startStack } from '../gateway/gateway-process.ts';

let stack: Stack;
let worker: Gateway;
beforeAll(async () => {
  stack = await startStack({ env: { METRICS_PORT: '0' } });
  worker = await stack.startWorker();
});
afterAll(() => stack.close());

async function scrape(of: Gateway): Promise<string> {
  const port = await vi.waitUntil(
    () => of.lines.find(({ event }) => event === 'metrics.ready')?.port as number | undefined,
    10_000,
  );
  return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

test('the public port has no metrics', async () => {
  for (const path of ['/metrics', '/v1/metrics', '/health/metrics']) {
    const answer = await stack.ask(null, 'GET', path);
    expect(answer.text).not.toContain('reelgate_');
    expect(answer.text).not.toContain('process_cpu');
  }
});

test('a video leaves its traces in the figures of both processes', async () => {
  const team = await stack.addTeam();
  const { id } = (await stack.create(team)).json;
  await vi.waitFor(
    async () => expect((await stack.ask(team, 'GET', `/v1/videos/${id}`)).json.status).toBe('completed'),
    { timeout: 30_000 },
  );
  const [ours, theirs] = [await scrape(stack.gateway), await scrape(worker)];
  expect(ours).toMatch(/reelgate_upstream_calls_total\{.*verb="submit",outcome="accepted".*\} 1/);
  expect(ours).toMatch(/reelgate_http_requests_total\{.*route="\/v1\/videos".*\}/);
  expect(theirs).toMatch(/reelgate_archive_seconds_count\{.*\} 1/);
  expect(theirs).toMatch(/reelgate_quarantined\{service="worker"\} 0/);
  for (const text of [ours, theirs]) expect(text).not.toContain('a kite');
});

test('every figure that an alarm asks for is there', async () => {
  const file = new URL('../../../infra/prometheus/rules.yaml', import.meta.url);
  const rules = parse(await readFile(file, 'utf8')) as { groups: { rules: { expr: string }[] }[] };
  const asked = rules.groups.flatMap((group) =>
    group.rules.flatMap(({ expr }) => [...expr.matchAll(/reelgate_[a-z_]+/g)].map(([name]) => name)),
  );
  const text = await scrape(worker);
  const missing = [...new Set(asked)].filter(
    (name) =>
      !text.includes(`\n${name.replace(/_bucket$/, '')}`) &&
      !text.includes(`# HELP ${name.replace(/_bucket$/, '')} `),
  );
  expect(missing).toEqual([]);
});
