/** The commands that stop new videos, and what stops them by itself. */
import {
  listVelocityBreakers,
  pullBrake,
  releaseBrake,
  removeVelocityBreaker,
  setVelocityBreaker,
  type VelocityBreakerView,
} from '@reelgate/core';
import { parseAmount, showAmount } from './amount.ts';
import { wholeNumber } from './arguments.ts';
import { ALL, CLI_ACTOR, type CommandLine, plain } from './command-line.ts';
import { type ScopeOptions, scopeName, scopeOf, withScope } from './scope-options.ts';

interface Bounds extends ScopeOptions {
  videos?: number;
  cost?: string;
  timesNormal?: number;
  remove?: true;
}

/** `brake pull | release`, `velocity set | list`. */
export function addBrakeCommands({ deployment, print, group, leaf, teamId }: CommandLine): void {
  const ctx = () => ({ db: deployment.database(), scope: 'all' as const, actor: CLI_ACTOR });

  const brake = group('brake', 'what stops new videos at once');
  withScope(leaf(brake, 'pull', 'let nobody make new videos; what an upstream has taken goes on'))
    .requiredOption('--reason <text>', 'why; whoever is refused is told')
    .action(async (options: ScopeOptions & { reason: string }) => {
      const scope = await scopeOf(options, teamId);
      await pullBrake(ctx(), scope, options.reason);
      print({
        human: `${scopeName(options)} makes no new videos: ${options.reason}.`,
        machine: { ...scope, reason: options.reason },
      });
    });
  withScope(leaf(brake, 'release', 'let new videos pass again')).action(async (options: ScopeOptions) => {
    const scope = await scopeOf(options, teamId);
    await releaseBrake(ctx(), scope);
    print({ human: `${scopeName(options)} can make videos again.`, machine: scope });
  });

  const velocity = group('velocity', 'pauses a key by itself that is too fast');
  withScope(
    leaf(
      velocity,
      'set',
      'bound how fast a key may be; the nearest counts: its own, its team’s, the company’s',
    ),
  )
    .option('--videos <count>', 'in a minute', wholeNumber)
    .option('--cost <dollars>', 'US dollars in a minute')
    .option('--times-normal <factor>', 'so many times its average of the last seven days', Number)
    .option('--remove', 'let the next one further out count again')
    .action(async (options: Bounds) => {
      const scope = await scopeOf(options, teamId);
      const { videos = null, cost, timesNormal = null } = options;
      if (options.remove) {
        await removeVelocityBreaker(ctx(), scope);
        print({ human: `${scopeName(options)} has no velocity breaker of its own.`, machine: scope });
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
        human: `${scopeName(options)}: a key is paused at more than ${describe(bounds)}.`,
        machine: plain({ ...scope, ...bounds }),
      });
    });
  leaf(velocity, 'list', 'show what bounds keys').action(async () => {
    const { breakers } = await listVelocityBreakers(ctx(), {}, { after: null, limit: ALL });
    const line = (one: VelocityBreakerView) => `${one.scopeKind} ${one.scopeName}: ${describe(one)}`;
    print({
      human: breakers.map(line).join('\n') || 'Nothing bounds how fast a key may be.',
      machine: plain(breakers),
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
