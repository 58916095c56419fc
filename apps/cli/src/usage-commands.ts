import { checkLedger, describeMismatch, getUsage, type UsageGroup } from '@reelgate/core';
import { showAmount } from './amount.ts';
import { moment } from './arguments.ts';
import { type CommandLine, plain } from './command-line.ts';

const GROUPS = ['team', 'key', 'model', 'upstream', 'operation', 'day', 'month', 'tag'] as const;

/** `usage show`, `ledger check`. */
export function addUsageCommands({ deployment, print, group, leaf, teamId }: CommandLine): void {
  leaf(group('usage', 'what was spent'), 'show', 'sum what was spent: the figures that quotas enforce')
    .option('--from <moment>', 'from this moment on; the beginning of the month', moment)
    .option('--to <moment>', 'before this moment; now', moment)
    .option('--by <groups>', `one or more of ${GROUPS.join(', ')}, separated by commas`)
    .option('--tag-key <label>', 'the label to group by')
    .option('--team <name>', 'of one team')
    .action(async (options: { from?: Date; to?: Date; by?: string; tagKey?: string; team?: string }) => {
      const groupBy = (options.by?.split(',') ?? []) as UsageGroup[];
      const unknown = groupBy.find((name) => !GROUPS.includes(name));
      if (unknown !== undefined) throw new Error(`--by knows ${GROUPS.join(', ')}, not ${unknown}.`);
      const usage = await getUsage(
        { db: deployment.database(), scope: 'all' },
        {
          from: options.from,
          until: options.to,
          groupBy,
          tagKey: options.tagKey,
          teamId: options.team === undefined ? undefined : await teamId(options.team),
        },
      );
      const line = (row: (typeof usage)['total']) => {
        const { videos, failedVideos, seconds, settledMicroUsd, reservedMicroUsd, ...names } = row;
        return `${[...Object.values(names), ''].join('  ')}${videos} videos (${failedVideos} failed), ${seconds} s, ${showAmount('cost', settledMicroUsd)} spent, ${showAmount('cost', reservedMicroUsd)} reserved`;
      };
      print({
        human: [...usage.rows.map(line), line(usage.total)].join('\n'),
        machine: plain(usage),
      });
    });

  leaf(group('ledger', 'the books behind the quotas'), 'check', 'work every balance out again').action(
    async () => {
      const { buckets, mismatches } = await checkLedger({ db: deployment.database() });
      const agreed = `All ${buckets} balances agree with the ledger, the reservations and the videos.`;
      const human = mismatches.length === 0 ? agreed : mismatches.map(describeMismatch).join('\n');
      print({ human, machine: { buckets, mismatches } });
      if (mismatches.length > 0) throw new Error(`The books differ in ${mismatches.length} places.`);
    },
  );
}
