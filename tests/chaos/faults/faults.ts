/** All that is done to a stack on purpose. Each fault lasts a while and is then taken back. */
import { setTimeout as wait } from 'node:timers/promises';
import type { LinkFault } from '@reelgate/testkit';
import pg from 'pg';
import type { Random } from '../random.ts';
import type { Member } from '../stack/member.ts';
import type { ChaosStack, LinkName } from '../stack/stack.ts';

export interface Fault {
  readonly name: string;
  /** Resolves when it is over. */
  run(stack: ChaosStack): Promise<void>;
}

type Draw = (random: Random) => Fault;

const LINKS: readonly LinkName[] = [
  'gateway database',
  'worker database',
  'queue',
  'upstream',
  'receivers',
  'callers',
];

const kill: Draw = (random) => {
  const index = random.between(0, 3);
  return {
    name: 'kill -9',
    // Now and then all of a kind are gone, but a storm in which nobody ever serves would prove nothing.
    run: async (stack) => {
      const member = memberAt(stack, index);
      const others = member.kind === 'gateway' ? stack.gateways : stack.workers;
      if (others.some((other) => other !== member && other.port() !== null)) member.kill('SIGKILL');
    },
  };
};

const killAll: Draw = (random) => {
  const kind = random.pick(['gateways', 'workers'] as const);
  return {
    name: `kill -9 of all ${kind}`,
    run: async (stack) => {
      for (const member of stack[kind]) member.kill('SIGKILL');
    },
  };
};

const stopInOrder: Draw = (random) => {
  const index = random.between(0, 3);
  const killedAfterMs = random.chance(0.5) ? random.between(0, 1_500) : null;
  return {
    name: killedAfterMs === null ? 'SIGTERM' : 'SIGTERM, then kill -9',
    run: async (stack) => {
      const member = memberAt(stack, index);
      member.kill('SIGTERM');
      if (killedAfterMs === null) return;
      const { starts } = member;
      const before = starts();
      await wait(killedAfterMs);
      if (starts() === before) member.kill('SIGKILL');
    },
  };
};

/** Longer than a lease: others take over, and then it wakes up and believes that all is still its own. */
const sleep: Draw = (random) => {
  const index = random.between(0, 3);
  const ms = random.between(2_500, 6_000);
  return {
    name: 'SIGSTOP for longer than a lease',
    run: async (stack) => {
      const member = memberAt(stack, index);
      member.kill('SIGSTOP');
      await wait(ms);
      member.kill('SIGCONT');
    },
  };
};

const breakLink: Draw = (random) => {
  const name = random.pick(LINKS);
  const ms = random.between(500, 5_000);
  const fault = random.weighted<LinkFault>([
    [3, { kind: 'refused' }],
    [3, { kind: 'reset' }],
    [2, { kind: 'silent' }],
    [1, { kind: 'forgotten' }],
    [2, { kind: 'delayed', ms: random.between(20, 300) }],
    [1, { kind: 'slow', bytesPerSecond: random.between(20_000, 200_000) }],
  ]);
  return {
    name: `${name}: ${fault.kind}`,
    run: async (stack) => {
      await stack.links[name].set(fault);
      await wait(ms);
      await stack.links[name].set({ kind: 'none' });
    },
  };
};

const breakStore: Draw = (random) => {
  const ms = random.between(500, 6_000);
  const fault = random.pick<LinkFault>([
    { kind: 'refused' },
    { kind: 'reset' },
    { kind: 'silent' },
    { kind: 'slow', bytesPerSecond: 100_000 },
  ]);
  return {
    name: 'object store away',
    run: async (stack) => {
      await stack.store.set(fault);
      await wait(ms);
      await stack.store.set({ kind: 'none' });
    },
  };
};

const flush: Draw = () => ({ name: 'FLUSHALL', run: (stack) => stack.flushQueue() });

const endSessions: Draw = () => ({
  name: 'all sessions of Postgres ended',
  async run({ databaseUrl }) {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'reelgate%' and pid <> pg_backend_pid()",
    );
    await client.end();
  },
});

const killPostgres: Draw = (random) => {
  const downMs = random.between(0, 4_000);
  return {
    name: 'Postgres: kill -9',
    run: (stack) => stack.killPostgres(downMs),
  };
};

/** The upstream does one thing wrong for a while, to everything. */
const upstreamMood: Draw = (random) => {
  const [name, mood] = random.pick<[string, Record<string, unknown>]>([
    ['answers 503', { refuse: 503 }],
    ['answers 500', { refuse: 500 }],
    ['is rate limited', { rate_limited: true, retry_after: 1 }],
    ['drops connections', { drop: true }],
    ['cuts contents', { cut_at: random.between(0, 200_000) }],
    ['cuts contents so that they look whole', { cut_at: random.between(1, 200_000), lengthless: true }],
    ['sends web pages for contents', { html_200: true }],
    ['sends contents slowly', { bytes_per_second: 100_000 }],
    ['answers late', { delay_ms: random.between(100, 1_500) }],
  ]);
  const ms = random.between(1_000, 5_000);
  return {
    name: `upstream ${name}`,
    run: async ({ simulator }) => {
      await simulator.control('PUT', 'defaults', mood);
      await wait(ms);
      await simulator.control('PUT', 'defaults', {});
    },
  };
};

/** The next few of one kind of request go wrong; what is not used up in a while is gone, or the last videos would have it all. */
const upstreamSlips: Draw = (random) => {
  const [operation, behaviour] = random.pick<[string, Record<string, unknown>]>([
    ['retrieve', { answer: 'rst' }],
    ['retrieve', { answer: 502 }],
    ['retrieve', { answer: 'cut' }],
    ['list', { answer: 500 }],
    ['list', { answer: 'cut' }],
    ['content', { answer: 'rst' }],
    ['content', { refuse: 404 }],
  ]);
  const times = random.between(1, 8);
  const ms = random.between(1_000, 5_000);
  return {
    name: `upstream slips at ${operation}`,
    run: async ({ simulator }) => {
      await simulator.control('POST', 'rules', { match: { operation }, times, behaviour });
      await wait(ms);
      await simulator.control('DELETE', 'rules');
    },
  };
};

const receiverMood: Draw = (random) => {
  const mood = random.pick(['refuses', 'breaks off', 'slow'] as const);
  const ms = random.between(500, 3_000);
  return {
    name: `receivers: ${mood}`,
    run: async ({ sink }) => {
      sink.set(mood);
      await wait(ms);
      sink.set('well');
    },
  };
};

const DRAWS: readonly (readonly [weight: number, draw: Draw])[] = [
  [24, kill],
  [3, killAll],
  [6, stopInOrder],
  [6, sleep],
  [20, breakLink],
  [5, breakStore],
  [8, flush],
  [4, endSessions],
  [2, killPostgres],
  [12, upstreamMood],
  [8, upstreamSlips],
  [4, receiverMood],
];

export function drawFault(random: Random): Fault {
  return random.weighted(DRAWS)(random);
}

function memberAt({ gateways, workers }: ChaosStack, index: number): Member {
  const members = [...gateways, ...workers];
  const member = members[index % members.length];
  if (!member) throw new Error('there are no processes');
  return member;
}

/** Everything as it should be, whatever was under way. */
export async function mendAll(stack: ChaosStack): Promise<void> {
  for (const link of Object.values(stack.links)) await link.set({ kind: 'none' });
  await stack.store.set({ kind: 'none' });
  stack.sink.set('well');
  await stack.simulator.control('PUT', 'defaults', {});
  await stack.simulator.control('DELETE', 'rules');
  for (const member of [...stack.gateways, ...stack.workers]) member.kill('SIGCONT');
}
