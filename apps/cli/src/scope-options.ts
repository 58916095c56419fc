import { type Command, Option } from 'commander';
import type { CommandLine } from './command-line.ts';

/** Whose limit or brake it is. */
export interface ScopeOptions {
  readonly team?: string;
  readonly key?: string;
  readonly organization?: true;
}

export interface Scope {
  readonly scopeKind: 'team' | 'key' | 'org';
  readonly scopeId: string;
}

export function withScope(command: Command): Command {
  return command
    .addOption(new Option('--team <name>', 'of a team').conflicts(['key', 'organization']))
    .addOption(new Option('--key <id>', 'of an API key').conflicts(['organization']))
    .addOption(new Option('--organization', 'of the whole organization'));
}

/** Throws where none is said. */
export async function scopeOf(options: ScopeOptions, teamId: CommandLine['teamId']): Promise<Scope> {
  if (options.team !== undefined) return { scopeKind: 'team', scopeId: await teamId(options.team) };
  if (options.key !== undefined) return { scopeKind: 'key', scopeId: options.key };
  if (options.organization) return { scopeKind: 'org', scopeId: 'org' };
  throw new Error('Say whose: --team, --key or --organization.');
}

export function scopeName({ team, key }: ScopeOptions): string {
  if (team !== undefined) return `Team ${team}`;
  return key === undefined ? 'The organization' : `Key ${key}`;
}
