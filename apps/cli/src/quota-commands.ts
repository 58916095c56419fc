import { readFile } from 'node:fs/promises';
import {
  applyQuotas,
  grantMore,
  type LimitView,
  listQuotas,
  planQuotas,
  type QuotaSetting,
  type QuotaStep,
  setQuota,
} from '@reelgate/core';
import { formatQuotaFile, parseQuotaFile, type QuotaEntry } from '@reelgate/runtime';
import { Option } from 'commander';
import { parseAmount, showAmount } from './amount.ts';
import { moment, wholeSeconds } from './arguments.ts';
import { CLI_ACTOR, type CommandLine, plain } from './command-line.ts';
import { type ScopeOptions, scopeName, scopeOf, withScope } from './scope-options.ts';

const METRICS = ['cost', 'seconds', 'videos', 'concurrent'] as const;
const WINDOWS = ['month', 'day', 'none', 'leaky'] as const;

interface QuotaOptions extends ScopeOptions {
  metric: (typeof METRICS)[number];
  window?: (typeof WINDOWS)[number];
  span?: number;
  model?: string;
  tag?: string;
  hard?: string;
  soft?: string;
  thresholds?: string;
}

/** `quota set | list | grant | export | plan | apply`. */
export function addQuotaCommands({ deployment, print, group, leaf, teamId }: CommandLine): void {
  const context = () => ({ db: deployment.database(), scope: 'all' as const, actor: CLI_ACTOR });
  const quota = group('quota', 'limits that nobody gets past');

  withScope(leaf(quota, 'set', 'set a limit'))
    .addOption(new Option('--metric <metric>', 'what is limited').choices(METRICS).makeOptionMandatory())
    .addOption(
      new Option('--window <window>', 'over which time; none for ever, leaky for a rolling one').choices(
        WINDOWS,
      ),
    )
    .option('--span <seconds>', 'of a leaky window; a day where absent', wholeSeconds)
    .option('--model <name>', 'counts videos of this model only')
    .option('--tag <key=value>', 'counts videos with this label only')
    .option('--hard <amount>', 'the limit: US dollars for cost, else a whole number')
    .option('--soft <amount>', 'is told when it is passed, and refuses nothing')
    .option('--thresholds <percents>', 'where it is told, such as 50,80,100')
    .action(async (options: QuotaOptions) => {
      const setting = { ...(await scopeOf(options, teamId)), ...settingOf(options) };
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

  withScope(leaf(quota, 'list', 'show limits and how they stand')).action(async (options: ScopeOptions) => {
    const filter =
      options.team === undefined
        ? options.key === undefined && !options.organization
          ? {}
          : await scopeOf(options, teamId)
        : { teamId: await teamId(options.team) };
    const { quotas } = await listQuotas(context(), filter);
    print({
      human: quotas.length === 0 ? 'There are no quotas.' : quotas.map(describeQuota).join('\n'),
      machine: plain(quotas),
    });
  });

  leaf(quota, 'grant <id>', 'raise a hard limit for a while')
    .requiredOption('--amount <amount>', 'by how much: US dollars for cost, else a whole number')
    .requiredOption('--reason <text>', 'why; kept in the ledger and the audit log')
    .option(
      '--until <moment>',
      'when it ends, such as 2026-12-01T00:00:00Z; the end of the period where absent',
      moment,
    )
    .action(async (id: string, options: { amount: string; reason: string; until?: Date }) => {
      const [found] = (await listQuotas(context(), { id })).quotas;
      if (!found) throw new Error(`There is no quota with the id ${id}: see \`quota list\`.`);
      const grant = await grantMore(context(), {
        limitId: id,
        amount: parseAmount('--amount', found.metric, options.amount),
        reason: options.reason,
        endsAt: options.until,
      });
      print({
        human: `Granted ${showAmount(found.metric, grant.amount)} more until ${grant.endsAt.toISOString()} (${grant.id}).`,
        machine: plain(grant),
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
      ...(await scopeOf(entry as ScopeOptions, teamId)),
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
