import { type Actor, getTeamByName } from '@reelgate/core';
import type { Command } from 'commander';
import type { Deployment } from './deployment.ts';

/** Whoever has a shell on the machine. */
export const CLI_ACTOR: Actor = {
  kind: 'cli',
  id: 'cli',
  name: 'command line',
  requestId: null,
  ip: null,
};

/** Of lists that no person pages through. */
export const ALL = 10_000;

/** `human` is for a person, `machine` for `--json`. */
export type Print = (answer: { human: string; machine: unknown }) => void;

/** What every group of commands is built with. */
export interface CommandLine {
  readonly deployment: Deployment;
  readonly print: Print;
  group(name: string, description: string): Command;
  /** A command that can also answer in JSON. */
  leaf(parent: Command, usage: string, description: string): Command;
  /** The id of the team of this name; throws where there is none. */
  teamId(name: string): Promise<string>;
}

export function createCommandLine(program: Command, deployment: Deployment, print: Print): CommandLine {
  return {
    deployment,
    print,
    group: (name, description) => program.command(name).description(description),
    // `print` looks at the flag by itself.
    leaf: (parent, usage, description) =>
      parent.command(usage).description(description).option('--json', 'answer in JSON, for programs'),
    async teamId(name) {
      const team = await getTeamByName({ db: deployment.database() }, name);
      if (team) return team.id;
      throw new Error(
        `There is no team named '${name}'. Make it with: npm run reelgate -- team create ${name}`,
      );
    },
  };
}

/** What JSON can say: big integers as decimal text. */
export function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part)),
  );
}
