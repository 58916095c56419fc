import {
  createTeam,
  getTeam,
  getTeamByName,
  listTeams,
  rotateTeamWebhookSecret,
  setRetention,
  type TeamView,
  updateTeam,
} from '@reelgate/core';
import { showAmount } from './amount.ts';
import { wholeNumber } from './arguments.ts';
import { ALL, CLI_ACTOR, type CommandLine, plain } from './command-line.ts';

/** `team create | list | show | webhook-hosts | rotate-webhook-secret`, `retention set`. */
export function addTeamCommands({ deployment, print, group, leaf, teamId }: CommandLine): void {
  const teams = group('team', 'teams own videos, keys and quotas');
  leaf(teams, 'create <name>', 'make a team')
    .option('--if-missing', 'answer the team where there is one of that name')
    .action(async (name: string, options: { ifMissing?: true }) => {
      const ctx = { db: deployment.database() };
      const existing = options.ifMissing ? await getTeamByName(ctx, name) : null;
      const team = existing ?? (await createTeam({ ...ctx, actor: CLI_ACTOR }, { name }));
      print({ human: `${existing ? 'Found' : 'Created'} team ${team.name} (${team.id}).`, machine: team });
    });

  const everything = () => ({ db: deployment.database(), scope: 'all' as const });

  leaf(teams, 'list', 'show the teams with their budgets').action(async () => {
    const found = await listTeams(everything(), {}, { after: null, limit: ALL });
    print({
      human: found.teams.map(lineOf).join('\n') || 'There are no teams.',
      machine: plain(found.teams),
    });
  });

  leaf(teams, 'show <name>', 'show one team').action(async (name: string) => {
    const team = await getTeam(everything(), await teamId(name));
    print({ human: describe(team), machine: plain(team) });
  });

  leaf(
    teams,
    'webhook-hosts <name> [host...]',
    "the hosts that a video's webhook_url may name; none forbids it",
  ).action(async (name: string, webhookHosts: string[]) => {
    const id = await teamId(name);
    const changed = await updateTeam({ ...everything(), actor: CLI_ACTOR }, id, { webhookHosts });
    print({
      human: `Videos of ${name} may name: ${changed.webhookHosts.join(', ') || 'no host'}.`,
      machine: { id, webhookHosts: changed.webhookHosts },
    });
  });

  leaf(
    teams,
    'rotate-webhook-secret <name>',
    "make a new secret that signs what a video's webhook_url is told",
  )
    .option('--emergency', 'the old secret is worth nothing from now on, and not only in 24 hours')
    .action(async (name: string, options: { emergency?: true }) => {
      const id = await teamId(name);
      const { secret } = await rotateTeamWebhookSecret(
        { ...everything(), secretBox: deployment.secretBox(), actor: CLI_ACTOR },
        id,
        { keepOld: options.emergency === undefined },
      );
      print({ human: `${secret}\nThis is the only time it is shown.`, machine: { id, secret } });
    });

  leaf(group('retention', 'how long finished videos are kept'), 'set', 'set the rule of a team')
    .requiredOption('--team <name>', 'the team it is for')
    .option('--days <days>', 'delete them after so many days', wholeNumber)
    .option('--keep', 'keep them for ever')
    .action(async (options: { team: string; days?: number; keep?: true }) => {
      if ((options.days === undefined) === (options.keep === undefined))
        throw new Error('Say either --days or --keep.');
      const days = options.days ?? null;
      await setRetention({ db: deployment.database(), actor: CLI_ACTOR }, await teamId(options.team), days);
      const human = days === null ? 'for ever' : `for ${days} days`;
      print({
        human: `Team ${options.team} keeps its videos ${human}.`,
        machine: { team: options.team, days },
      });
    });
}

function lineOf({ name, budget, keys, activeVideos }: TeamView): string {
  const spent = budget
    ? `${showAmount('cost', budget.usedMicroUsd + budget.reservedMicroUsd)} of ${budget.limitMicroUsd === null ? 'any amount' : showAmount('cost', budget.limitMicroUsd)} this month`
    : 'no budget';
  return `${name}: ${spent}, ${keys} keys, ${activeVideos} videos under way`;
}

function describe(team: TeamView): string {
  return [
    `${team.name} (${team.id})`,
    `  ${lineOf(team)}`,
    `  webhook_url: ${team.webhookHosts.join(', ') || 'no host allowed'}`,
    `  ${team.members} members, since ${team.createdAt.toISOString().slice(0, 10)}`,
    ...(team.disabledAt ? [`  switched off since ${team.disabledAt.toISOString()}`] : []),
  ].join('\n');
}
