import OpenAI from 'openai';
import type { Intent } from '../auditor/evidence.ts';
import type { ChaosStack } from '../stack/stack.ts';
import { callOnce, type Outcome } from './caller.ts';
import type { Wish } from './plan.ts';

/** Fulfils all wishes, so many at a time; resolves when each has come to its end, or `over` aborts. */
export async function runLoad(
  stack: Pick<ChaosStack, 'teams' | 'baseUrl'>,
  wishes: readonly Wish[],
  options: {
    concurrency: number;
    over: AbortSignal;
    maxRetries?: number;
    onOutcome?: (outcome: Outcome) => void;
  },
): Promise<Outcome[]> {
  const clients = stack.teams.map(
    ({ apiKey }) =>
      new OpenAI({ baseURL: stack.baseUrl, apiKey, maxRetries: options.maxRetries ?? 2, timeout: 30_000 }),
  );
  const completed = new Map<string, string[]>();
  const outcomes: Outcome[] = [];
  const open = [...wishes].reverse();
  const work = async () => {
    for (let wish = open.pop(); wish !== undefined && !options.over.aborted; wish = open.pop()) {
      const team = stack.teams[wish.team];
      const client = clients[wish.team];
      if (!team || !client) throw new Error(`there is no team ${wish.team}`);
      const { no, deleted } = wish;
      const outcome = await callOnce(wish, {
        team,
        client,
        sourceFor: (teamId) => {
          const sources = completed.get(teamId) ?? [];
          return sources[no % Math.max(sources.length, 1)];
        },
        completed: (teamId, id) => {
          if (deleted !== null) return;
          const sources = completed.get(teamId) ?? [];
          if (!sources.includes(id)) completed.set(teamId, [...sources, id].slice(-20));
        },
        over: options.over,
      });
      outcomes.push(outcome);
      options.onOutcome?.(outcome);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
  return outcomes;
}

/** What each video that was not deleted reads as in the end. */
export async function readFinally(
  stack: Pick<ChaosStack, 'teams' | 'baseUrl'>,
  intents: readonly Intent[],
): Promise<Intent[]> {
  const statusOf = async (intent: Intent): Promise<string | null> => {
    const team = stack.teams.find(({ teamId }) => teamId === intent.teamId);
    const [id] = intent.answers;
    if (!team || id === undefined || intent.deleted) return null;
    const client = new OpenAI({ baseURL: stack.baseUrl, apiKey: team.apiKey });
    return await client.videos.retrieve(id).then(
      ({ status }) => status,
      (error: unknown) => `error ${error instanceof OpenAI.APIError ? error.status : error}`,
    );
  };
  const read: Intent[] = [];
  for (const intent of intents) read.push({ ...intent, finalStatus: await statusOf(intent) });
  return read;
}
