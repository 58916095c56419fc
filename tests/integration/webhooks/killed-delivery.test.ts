/** A worker that dies between a post and its record: the event comes once more, under the same id, and is delivered once. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlFailpoints } from '@reelgate/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Stack, startStack } from '../gateway/gateway-process.ts';
import { ok, type Receiver, startReceiver } from './receivers.ts';

let directory: string;
let stack: Stack;
let receiver: Receiver;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reelgate-killed-delivery-'));
  receiver = await startReceiver(ok);
  stack = await startStack({
    env: { WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8', FAILPOINTS_DIRECTORY: directory },
  });
});
afterAll(async () => {
  await Promise.all([stack.close(), receiver.close()]);
  await rm(directory, { recursive: true, force: true });
});

test.each(['deliver.posted', 'deliver.recorded'] as const)('killed at %s', async (failpoint) => {
  const control = await controlFailpoints(directory);
  const team = await stack.addTeam();
  const query = async (text: string) => (await stack.database.db.$client.query(text, [team.teamId])).rows;
  await stack.ask(team, 'POST', '/v1/webhook_endpoints', {
    json: { name: 'x', url: receiver.url, event_types: ['video.failed'] },
  });
  await control.arm(failpoint, 'kill');
  const doomed = await stack.startWorker();
  const before = receiver.received.length;
  await query(`select emit_event($1, 'video.failed', null, '{"id":"video_1"}')`);
  await vi.waitUntil(() => doomed.process.signalCode !== null || doomed.process.exitCode !== null, 20_000);
  const sentByTheDead = receiver.received.length - before;
  expect(sentByTheDead).toBe(1);

  // As if the lease had run out.
  await query(
    `update webhook_deliveries set lease_until = clock_timestamp() where team_id = $1 and lease_until is not null`,
  );
  const survivor = await stack.startWorker();
  const delivered = () => query(`select state from webhook_deliveries where team_id = $1`);
  await vi.waitUntil(async () => (await delivered())[0]?.state === 'delivered', 20_000);
  const ids = receiver.received.slice(before).map(({ headers }) => headers['webhook-id']);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
  expect(await delivered()).toHaveLength(1);
  expect(
    await query(
      'select from webhook_attempts a join webhook_deliveries d on d.id = a.delivery_id where d.team_id = $1',
    ),
  ).toHaveLength(1);
  await survivor.stop();
});
