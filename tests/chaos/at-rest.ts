/** What is done with a stack when nothing bad happens any more. */
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { type Audit, audit } from './auditor/audit.ts';
import type { Evidence, Intent, TruthVideo } from './auditor/evidence.ts';
import { readFinally } from './load/load.ts';
import type { ChaosStack } from './stack/stack.ts';

/** How long everything has to come to rest, in ms. */
const REST_WITHIN_MS = 240_000;

/** Everything that was going on has ended. A webhook that has failed before would wait for minutes: it is brought forward. */
export async function untilAtRest(stack: ChaosStack, log: (line: string) => void = () => {}): Promise<void> {
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  try {
    const until = performance.now() + REST_WITHIN_MS;
    for (let round = 0; performance.now() < until; round++) {
      await client.query(
        "update webhook_deliveries set next_attempt_at = clock_timestamp() where state = 'pending' and next_attempt_at > clock_timestamp() + interval '6 seconds'",
      );
      const { rows } = await client.query<{ videos: number; deliveries: number }>(
        `select (select count(*) from videos where next_action_at is not null
                    or state in ('accepted','submitting','unknown','rendering','archiving'))::int as videos,
                (select count(*) from webhook_deliveries where state = 'pending')::int as deliveries`,
      );
      const open = rows[0];
      if (open?.videos === 0 && open.deliveries === 0) return;
      if (round % 50 === 0)
        log(`${open?.videos} videos and ${open?.deliveries} webhooks are still under way`);
      await wait(100);
    }
    log('it has not come to rest');
  } finally {
    await client.end();
  }
}

/** Reads what callers see in the end, and holds everything against the truth. */
export async function auditStack(stack: ChaosStack, intents: readonly Intent[]): Promise<Audit> {
  const database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
  try {
    return await audit(await collectEvidence(stack, await readFinally(stack, intents), database));
  } finally {
    await database.end();
  }
}

export async function collectEvidence(
  stack: ChaosStack,
  intents: readonly Intent[],
  database: pg.Client,
): Promise<Evidence> {
  const { videos } = (await stack.simulator.control('GET', 'truth')) as { videos: TruthVideo[] };
  return {
    database,
    truth: videos,
    objects: stack.store.objects,
    received: stack.sink.received.map(({ path, webhookId, body, verified, answered }) => ({
      teamId: path,
      webhookId,
      body,
      verified,
      accepted: answered === 200,
    })),
    intents,
    objectGraceMs: 60 * 60_000,
  };
}
