/** The commands that stop new videos, and what stops them by itself. */
import {
  type BrakeScope,
  listVelocityBreakers,
  pullBrake,
  releaseBrake,
  removeVelocityBreaker,
  setVelocityBreaker,
  type VelocityBreakerView,
} from '@reelgate/core';
import { type Command, Option } from 'commander';
import { CLI_ACTOR } from './admin-commands.ts';
import { parseAmount, showAmount } from './amount.ts';
import type { Deployment, Print } from './program.ts';

interface ScopeOptions {
  team?: string;
  key?: string;
  organization?: true;
}

interface Bounds extends ScopeOptions {
  videos?: number;
  cost?: string;
  timesNormal?: number;
  remove?: true;
}

const ALL = 10_000;

/** `brake pull | release`, `velocity set | list`. */
export function addBrakeCommands(tools: {
  readonly deployment: Deployment;
  readonly print: Print;
  readonly group: (name: string, description: string) => Command;
  readonly leaf: (parent: Command, usage: string, description: string) => Command;
  readonly teamId: (name: string) => Promise<string>;
}): void {
  const { print, leaf, teamId } = tools;
  const ctx = () => ({ db: tools.deployment.database(), scope: 'all' as const, actor: CLI_ACTOR });
  const scoped = (command: Command) =>
    command
      .addOption(new Option('--team <name>', 'a team').conflicts(['key', 'organization']))
      .addOption(new Option('--key <id>', 'an API key').conflicts(['organization']))
      .addOption(new Option('--organization', 'the whole company'));

  async function scopeOf(options: ScopeOptions): Promise<BrakeScope> {
    if (options.team !== undefined) return { scopeKind: 'team', scopeId: await teamId(options.team) };
    if (options.key !== undefined) return { scopeKind: 'key', scopeId: options.key };
    if (options.organization) return { scopeKind: 'org', scopeId: 'org' };
    throw new Error('Say whose: --team, --key or --organization.');
  }
  const nameOf = ({ team, key }: ScopeOptions) =>
    team !== undefined ? `Team ${team}` : key !== undefined ? `Key ${key}` : 'The whole company';

  const brake = tools.group('brake', 'what stops new videos at once');
  scoped(leaf(brake, 'pull', 'let nobody make new videos; what an upstream has taken goes on'))
    .requiredOption('--reason <text>', 'why; whoever is refused is told')
    .action(async (options: ScopeOptions & { reason: string }) => {
      const scope = await scopeOf(options);
      await pullBrake(ctx(), scope, options.reason);
      print({
        human: `${nameOf(options)} makes no new videos: ${options.reason}.`,
        machine: { ...scope, reason: options.reason },
      });
    });
  scoped(leaf(brake, 'release', 'let new videos pass again')).action(async (options: ScopeOptions) => {
    const scope = await scopeOf(options);
    await releaseBrake(ctx(), scope);
    print({ human: `${nameOf(options)} can make videos again.`, machine: scope });
  });

  const velocity = tools.group('velocity', 'pauses a key by itself that is too fast');
  scoped(
    leaf(
      velocity,
      'set',
      'bound how fast a key may be; the nearest counts: its own, its team’s, the company’s',
    ),
  )
    .option('--videos <count>', 'in a minute', Number)
    .option('--cost <dollars>', 'US dollars in a minute')
    .option('--times-normal <factor>', 'so many times its average of the last seven days', Number)
    .option('--remove', 'let the next one further out count again')
    .action(async (options: Bounds) => {
      const scope = await scopeOf(options);
      const { videos = null, cost, timesNormal = null } = options;
      if (options.remove) {
        await removeVelocityBreaker(ctx(), scope);
        print({ human: `${nameOf(options)} has no velocity breaker of its own.`, machine: scope });
        return;
      }
      if (videos === null && cost === undefined && timesNormal === null)
        throw new Error('Give --videos, --cost or --times-normal, or --remove.');
      const bounds = {
        videosPerMinute: videos,
        microUsdPerMinute: cost === undefined ? null : parseAmount('--cost', 'cost', cost),
        timesNormal,
      };
      await setVelocityBreaker(ctx(), scope, bounds);
      print({
        human: `${nameOf(options)}: a key is paused at more than ${describe(bounds)}.`,
        machine: { ...scope, ...bounds, microUsdPerMinute: bounds.microUsdPerMinute?.toString() ?? null },
      });
    });
  leaf(velocity, 'list', 'show what bounds keys').action(async () => {
    const { breakers } = await listVelocityBreakers(ctx(), {}, { after: null, limit: ALL });
    const line = (one: VelocityBreakerView) => `${one.scopeKind} ${one.scopeName}: ${describe(one)}`;
    print({
      human: breakers.map(line).join('\n') || 'Nothing bounds how fast a key may be.',
      machine: breakers.map((one) => ({
        ...one,
        microUsdPerMinute: one.microUsdPerMinute?.toString() ?? null,
      })),
    });
  });
}

function describe(
  bounds: Pick<VelocityBreakerView, 'videosPerMinute' | 'microUsdPerMinute' | 'timesNormal'>,
): string {
  const { videosPerMinute, microUsdPerMinute, timesNormal } = bounds;
  const parts = [
    ...(videosPerMinute === null ? [] : [`${videosPerMinute} videos`]),
    ...(microUsdPerMinute === null ? [] : [showAmount('cost', microUsdPerMinute)]),
    ...(timesNormal === null ? [] : [`${timesNormal} times what is normal`]),
  ];
  return parts.length === 0 ? 'no bound' : `${parts.join(' or ')} in a minute`;
}
