/** The commands about quotas, usage and the ledger. */
import { readFile } from 'node:fs/promises';
import {
  applyQuotas,
  checkLedger,
  describeMismatch,
  getUsage,
  grantMore,
  type LimitView,
  listQuotas,
  planQuotas,
  type QuotaSetting,
  type QuotaStep,
  setQuota,
  type UsageGroup,
} from '@reelgate/core';
import type { Database } from '@reelgate/db';
import { formatQuotaFile, parseQuotaFile, type QuotaEntry } from '@reelgate/runtime';
import { type Command, Option } from 'commander';
import { CLI_ACTOR } from './admin-commands.ts';
import { parseAmount, showAmount } from './amount.ts';

const metrics = ['cost', 'seconds', 'videos', 'concurrent'] as const;
const windows = ['month', 'day', 'none', 'leaky'] as const;
const groups = ['team', 'key', 'model', 'upstream', 'operation', 'day', 'month', 'tag'] as const;

interface ScopeOptions {
  team?: string;
  key?: string;
  organization?: true;
}

interface QuotaOptions extends ScopeOptions {
  metric: (typeof metrics)[number];
  window?: (typeof windows)[number];
  span?: number;
  model?: string;
  tag?: string;
  hard?: string;
  soft?: string;
  thresholds?: string;
}

export function addQuotaCommands(tools: {
  group(name: string, description: string): Command;
  leaf(parent: Command, usage: string, description: string): Command;
  database(): Database;
  /** The id of the team of this name; throws where there is none. */
  teamId(name: string): Promise<string>;
  print(answer: { human: string; machine: unknown }): void;
  wholeNumber(text: string): number;
}): void {
  const { leaf, print, teamId } = tools;
  const context = () => ({ db: tools.database(), scope: 'all' as const, actor: CLI_ACTOR });
  const quota = tools.group('quota', 'limits that nobody gets past');

  const scoped = (command: Command) =>
    command
      .addOption(new Option('--team <name>', 'of a team').conflicts(['key', 'organization']))
      .addOption(new Option('--key <id>', 'of an API key').conflicts(['organization']))
      .addOption(new Option('--organization', 'of the whole organization'));

  async function scopeOf(options: ScopeOptions): Promise<Pick<QuotaSetting, 'scopeKind' | 'scopeId'>> {
    if (options.team !== undefined) return { scopeKind: 'team', scopeId: await teamId(options.team) };
    if (options.key !== undefined) return { scopeKind: 'key', scopeId: options.key };
    if (options.organization) return { scopeKind: 'org', scopeId: 'org' };
    throw new Error('Say whose quota it is: --team, --key or --organization.');
  }

  scoped(leaf(quota, 'set', 'set a limit'))
    .addOption(new Option('--metric <metric>', 'what is limited').choices(metrics).makeOptionMandatory())
    .addOption(
      new Option('--window <window>', 'over which time; none for ever, leaky for a rolling one').choices(
        windows,
      ),
    )
    .option('--span <seconds>', 'of a leaky window; a day where absent', tools.wholeNumber)
    .option('--model <name>', 'counts videos of this model only')
    .option('--tag <key=value>', 'counts videos with this label only')
    .option('--hard <amount>', 'the limit: US dollars for cost, else a whole number')
    .option('--soft <amount>', 'is told when it is passed, and refuses nothing')
    .option('--thresholds <percents>', 'where it is told, such as 50,80,100')
    .action(async (options: QuotaOptions) => {
      const setting = { ...(await scopeOf(options)), ...settingOf(options) };
      await setQuota(context(), setting);
      print({
        human: `${scopeName(options)} is limited to ${describeTerms(setting)} (${setting.metric})${describeWindow(setting)}.`,
        machine: {
          ...(options.team !== undefined && { team: options.team }),
          ...(options.key !== undefined && { key: options.key }),
          metric: setting.metric,
          window: setting.window,
          hard: setting.hard?.toString() ?? null,
          ...(setting.soft != null && { soft: setting.soft.toString() }),
        },
      });
    });

  scoped(leaf(quota, 'list', 'show limits and how they stand')).action(async (options: ScopeOptions) => {
    const filter =
      options.team === undefined
        ? options.key === undefined && !options.organization
          ? {}
          : await scopeOf(options)
        : { teamId: await teamId(options.team) };
    const { quotas } = await listQuotas(context(), filter);
    print({
      human: quotas.length === 0 ? 'There are no quotas.' : quotas.map(describeQuota).join('\n'),
      machine: quotas.map(({ hardLimit, ...rest }) => ({
        ...rest,
        hardLimit: hardLimit?.toString() ?? null,
      })),
    });
  });

  leaf(quota, 'grant <id>', 'raise a hard limit for a while')
    .requiredOption('--amount <amount>', 'by how much: US dollars for cost, else a whole number')
    .requiredOption('--reason <text>', 'why; kept in the ledger and the audit log')
    .option(
      '--until <moment>',
      'when it ends, such as 2026-12-01T00:00:00Z; the end of the period where absent',
    )
    .action(async (id: string, options: { amount: string; reason: string; until?: string }) => {
      const [found] = (await listQuotas(context(), { id })).quotas;
      if (!found) throw new Error(`There is no quota with the id ${id}: see \`quota list\`.`);
      const endsAt = options.until === undefined ? undefined : new Date(options.until);
      if (endsAt && Number.isNaN(endsAt.getTime()))
        throw new Error('--until must be a moment such as 2026-12-01T00:00:00Z.');
      const grant = await grantMore(context(), {
        limitId: id,
        amount: parseAmount('--amount', found.metric, options.amount),
        reason: options.reason,
        endsAt,
      });
      print({
        human: `Granted ${showAmount(found.metric, grant.amount)} more until ${grant.endsAt.toISOString()} (${grant.id}).`,
        machine: { ...grant, amount: grant.amount.toString() },
      });
    });

  leaf(quota, 'export', 'write all limits as YAML').action(async () => {
    const entries = (await listQuotas(context(), {})).quotas.map(entryOf);
    print({ human: formatQuotaFile(entries).trimEnd(), machine: entries });
  });

  for (const apply of [false, true]) {
    leaf(
      quota,
      apply ? 'apply <file>' : 'plan <file>',
      apply ? 'make the limits those of a YAML file, all or none' : 'show what `quota apply` would change',
    ).action(async (file: string) => {
      const wanted = await Promise.all(
        parseQuotaFile(await readFile(file, 'utf8'), file).map(settingOfEntry),
      );
      const steps = await planQuotas(context(), wanted);
      if (apply) await applyQuotas(context(), steps);
      const lines = await Promise.all(steps.map(describeStep));
      const human = lines.length === 0 ? 'Nothing to change.' : lines.join('\n');
      print({ human, machine: { applied: apply, changes: lines } });
    });
  }

  async function settingOfEntry(entry: QuotaEntry): Promise<QuotaSetting> {
    return {
      ...(await scopeOf(entry as ScopeOptions)),
      metric: entry.metric,
      window: entry.window,
      ...(entry.spanSeconds !== undefined && { spanSeconds: entry.spanSeconds }),
      model: entry.model ?? null,
      tags: entry.tags ?? {},
      hard: entry.hard === undefined ? null : parseAmount('hard', entry.metric, entry.hard),
      soft: entry.soft === undefined ? null : parseAmount('soft', entry.metric, entry.soft),
      ...(entry.thresholds !== undefined && { thresholds: entry.thresholds }),
    };
  }

  async function describeStep(step: QuotaStep): Promise<string> {
    if (step.do === 'remove') return `- ${describeQuota(step.before)}`;
    const { after } = step;
    const whose = after.scopeKind === 'org' ? 'organization' : `${after.scopeKind} ${after.scopeId}`;
    const what = `${whose}, ${after.metric}${describeWindow(after)}`;
    if (step.do === 'create') return `+ ${what}: ${describeTerms(after)}`;
    const { before } = step;
    const was = describeTerms({
      ...before,
      hard: before.hardLimit,
      soft: before.soft === null ? null : BigInt(before.soft),
    });
    return `~ ${what}: ${was} -> ${describeTerms(after)}`;
  }

  leaf(tools.group('usage', 'what was spent'), 'show', 'sum what was spent: the figures that quotas enforce')
    .option('--from <moment>', 'from this moment on; the beginning of the month')
    .option('--to <moment>', 'before this moment; now')
    .option('--by <groups>', `one or more of ${groups.join(', ')}, separated by commas`)
    .option('--tag-key <label>', 'the label to group by')
    .option('--team <name>', 'of one team')
    .action(async (options: { from?: string; to?: string; by?: string; tagKey?: string; team?: string }) => {
      const groupBy = (options.by?.split(',') ?? []) as UsageGroup[];
      const unknown = groupBy.find((name) => !groups.includes(name));
      if (unknown !== undefined) throw new Error(`--by knows ${groups.join(', ')}, not ${unknown}.`);
      const moment = (text: string | undefined) => (text === undefined ? undefined : new Date(text));
      const usage = await getUsage(context(), {
        from: moment(options.from),
        until: moment(options.to),
        groupBy,
        tagKey: options.tagKey,
        teamId: options.team === undefined ? undefined : await teamId(options.team),
      });
      const line = (row: (typeof usage)['total']) => {
        const { videos, failedVideos, seconds, settledMicroUsd, reservedMicroUsd, ...names } = row;
        return `${[...Object.values(names), ''].join('  ')}${videos} videos (${failedVideos} failed), ${seconds} s, ${showAmount('cost', settledMicroUsd)} spent, ${showAmount('cost', reservedMicroUsd)} reserved`;
      };
      print({
        human: [...usage.rows.map(line), line(usage.total)].join('\n'),
        machine: JSON.parse(
          JSON.stringify(usage, (_, value) => (typeof value === 'bigint' ? value.toString() : value)),
        ),
      });
    });

  leaf(tools.group('ledger', 'the books behind the quotas'), 'check', 'work every balance out again').action(
    async () => {
      const { buckets, mismatches } = await checkLedger({ db: tools.database() });
      const agreed = `All ${buckets} balances agree with the ledger, the reservations and the videos.`;
      const human = mismatches.length === 0 ? agreed : mismatches.map(describeMismatch).join('\n');
      print({ human, machine: { buckets, mismatches } });
      if (mismatches.length > 0) throw new Error(`The books differ in ${mismatches.length} places.`);
    },
  );
}

function settingOf(options: QuotaOptions): Omit<QuotaSetting, 'scopeKind' | 'scopeId'> {
  const { metric } = options;
  const window = options.window ?? (metric === 'concurrent' ? 'none' : 'month');
  if (metric === 'concurrent' && window !== 'none') {
    throw new Error('What runs at the same time has no window: leave --window out, or say none.');
  }
  if (options.hard === undefined && options.soft === undefined)
    throw new Error('Give --hard, --soft or both.');
  const [label, ...value] = options.tag?.split('=') ?? [];
  return {
    metric,
    window,
    ...(options.span !== undefined && { spanSeconds: options.span }),
    model: options.model ?? null,
    tags: label === undefined ? {} : { [label]: value.join('=') },
    hard: options.hard === undefined ? null : parseAmount('--hard', metric, options.hard),
    soft: options.soft === undefined ? null : parseAmount('--soft', metric, options.soft),
    ...(options.thresholds !== undefined && { thresholds: options.thresholds.split(',').map(Number) }),
  };
}

function scopeName(options: ScopeOptions): string {
  if (options.team !== undefined) return `Team ${options.team}`;
  return options.key === undefined ? 'The organization' : `Key ${options.key}`;
}

function describeWindow({ window, model, tags }: Pick<QuotaSetting, 'window' | 'model' | 'tags'>): string {
  const span = { month: ' a month', day: ' a day', leaky: ', leaking', none: '' }[window];
  const labels = Object.entries(tags ?? {}).map(([name, value]) => `${name}=${value}`);
  const only = [...(model ? [model] : []), ...labels];
  return `${span}${only.length === 0 ? '' : ` of ${only.join(', ')}`}`;
}

function describeTerms({ metric, hard, soft }: Pick<QuotaSetting, 'metric' | 'hard' | 'soft'>): string {
  const terms = [
    ...(hard === null ? [] : [showAmount(metric, hard)]),
    ...(soft == null ? [] : [`soft ${showAmount(metric, soft)}`]),
  ];
  return terms.length === 0 ? 'no limit' : terms.join(', ');
}

function describeQuota(quota: LimitView): string {
  const whose = quota.scopeKind === 'org' ? 'organization' : `${quota.scopeKind} ${quota.scopeName}`;
  const terms = describeTerms({
    metric: quota.metric,
    hard: quota.hardLimit,
    soft: quota.soft === null ? null : BigInt(quota.soft),
  });
  const used = `${showAmount(quota.metric, BigInt(quota.settled))} used, ${showAmount(quota.metric, BigInt(quota.reserved))} reserved`;
  return `${quota.limitId}  ${whose}, ${quota.metric}${describeWindow(quota)}: ${terms}; ${used}`;
}

function entryOf(quota: LimitView): QuotaEntry {
  const amount = (value: bigint) => showAmount(quota.metric, value).replace(/ USD$/, '');
  return {
    ...(quota.scopeKind === 'org'
      ? { organization: true as const }
      : quota.scopeKind === 'team'
        ? { team: quota.scopeName }
        : { key: quota.scopeId }),
    metric: quota.metric,
    window: quota.window,
    ...(quota.window === 'leaky' && { spanSeconds: quota.spanSeconds }),
    ...(quota.model !== null && { model: quota.model }),
    ...(Object.keys(quota.tags).length > 0 && { tags: quota.tags }),
    ...(quota.hardLimit !== null && { hard: amount(quota.hardLimit) }),
    ...(quota.soft !== null && { soft: amount(BigInt(quota.soft)) }),
    thresholds: [...quota.thresholds],
  };
}
