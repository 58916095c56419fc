/** Commands for whoever runs a deployment: its teams, and the audit log. */
import {
  type Actor,
  listTeams,
  rotateTeamWebhookSecret,
  type TeamView,
  updateTeam,
  verifyAudit,
} from '@reelgate/core';
import type { Command } from 'commander';
import type { Deployment, Print } from './program.ts';

/** Whoever has a shell on the machine. */
export const CLI_ACTOR: Actor = {
  kind: 'cli',
  id: 'cli',
  name: 'command line',
  requestId: null,
  ip: null,
};

const ALL = 10_000;

export function addAdminCommands(options: {
  readonly deployment: Deployment;
  readonly print: Print;
  readonly leaf: (parent: Command, usage: string, description: string) => Command;
  readonly group: (name: string, description: string) => Command;
  readonly teams: Command;
}): void {
  const { deployment, print, leaf, group, teams } = options;
  const everything = () => ({ db: deployment.database(), scope: 'all' as const });

  leaf(teams, 'list', 'show the teams with their budgets').action(async () => {
    const found = await listTeams(everything(), {}, { after: null, limit: ALL });
    print({
      human: found.teams.map(lineOf).join('\n') || 'There are no teams.',
      machine: found.teams.map(plain),
    });
  });

  const teamNamed = async (name: string): Promise<TeamView> => {
    const found = await listTeams(everything(), { search: name }, { after: null, limit: ALL });
    const team = found.teams.find((one) => one.name === name);
    if (!team) throw new Error(`There is no team named '${name}'.`);
    return team;
  };

  leaf(teams, 'show <name>', 'show one team').action(async (name: string) => {
    const team = await teamNamed(name);
    print({ human: describe(team), machine: plain(team) });
  });

  leaf(
    teams,
    'webhook-hosts <name> [host...]',
    "the hosts that a video's webhook_url may name; none forbids it",
  ).action(async (name: string, webhookHosts: string[]) => {
    const { id } = await teamNamed(name);
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
      const { id } = await teamNamed(name);
      const { secret } = await rotateTeamWebhookSecret(
        { ...everything(), secretBox: deployment.secretBox(), actor: CLI_ACTOR },
        id,
        { keepOld: options.emergency === undefined },
      );
      print({ human: `${secret}\nThis is the only time it is shown.`, machine: { id, secret } });
    });

  leaf(group('audit', 'who changed what'), 'verify', 'work out the chain of the audit log again')
    .option('--head <hash>', 'the last hash of before: tells whether anything after it was cut off')
    .action(async ({ head }: { head?: string }) => {
      const verdict = await verifyAudit({ db: deployment.database() }, head);
      const broken = verdict.broken.map(({ id, why }) =>
        why === 'changed'
          ? `Entry ${id} was changed.`
          : `What was before entry ${id} is gone or was changed.`,
      );
      if (!verdict.hasHead) broken.push(`No entry has the hash ${head}: the end of the log was cut off.`);
      const intact = `All ${verdict.entries} entries follow on each other. The last hash: ${verdict.head ?? 'none'}`;
      print({
        human: broken.length === 0 ? intact : broken.join('\n'),
        machine: verdict,
      });
      if (broken.length > 0) throw new Error('The audit log is not what it was.');
    });
}

function lineOf({ name, budget, keys, activeVideos }: TeamView): string {
  const spent = budget
    ? `${dollars(budget.usedMicroUsd + budget.reservedMicroUsd)} of ${budget.limitMicroUsd === null ? 'any amount' : dollars(budget.limitMicroUsd)} this month`
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

function dollars(microUsd: bigint): string {
  return `${(Number(microUsd) / 1_000_000).toFixed(2)} USD`;
}

/** For JSON, which has no big integers. */
function plain(team: TeamView): unknown {
  return JSON.parse(
    JSON.stringify(team, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  );
}
