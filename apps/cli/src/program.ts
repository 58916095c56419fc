import {
  type CallerContext,
  createTeam,
  createUser,
  getTeamByName,
  ReelgateError,
  rebuildAssets,
  type SecretBox,
  setRetention,
  type UpstreamDirectory,
  type UserRole,
  type WebhookTransport,
} from '@reelgate/core';
import type { Database } from '@reelgate/db';
import { Command, InvalidArgumentError, Option } from 'commander';
import { addAdminCommands, CLI_ACTOR } from './admin-commands.ts';
import { addBrakeCommands } from './brake-commands.ts';
import { addKeyCommands } from './key-commands.ts';
import { addQuotaCommands } from './quota-commands.ts';
import { addVideoCommands } from './video-commands.ts';
import { addWebhookCommands } from './webhook-commands.ts';

/** What the commands work with, made when a command first asks for it. */
export interface Deployment {
  migrate(): Promise<void>;
  database(): Database;
  keyPepper(): string;
  secretBox(): SecretBox;
  passwords(): Promise<Passwords>;
  webhooks(): WebhookTransport;
  /** Asks on behalf of a team; of the ports it has the object store only. */
  openArchive(teamId: string): Promise<Archive>;
  /** The upstreams of the configuration file; closed with everything else. */
  openUpstreams(): Promise<UpstreamDirectory>;
}

export interface Passwords {
  make(): string;
  hash(password: string): Promise<string>;
}

export interface Archive {
  readonly context: CallerContext;
  /** A file path or an `s3://` URL. */
  locationOf(objectKey: string): string;
}

/** `human` is for a person, `machine` for `--json`. */
export type Print = (answer: { human: string; machine: unknown }) => void;

const roles = ['admin', 'manager', 'member'] as const;

export function createProgram(deployment: Deployment, print: Print): Command {
  const program = new Command('reelgate').description('Administers a Reelgate deployment.');
  const group = (name: string, description: string) => program.command(name).description(description);
  const teamOption = () => new Option('--team <name>', 'the team it is for').makeOptionMandatory();

  /** Every command can answer in JSON; `print` looks at the flag by itself. */
  const leaf = (parent: Command, usage: string, description: string) =>
    parent.command(usage).description(description).option('--json', 'answer in JSON, for programs');

  leaf(program, 'migrate', 'bring the tables of the database up to date').action(async () => {
    await deployment.migrate();
    print({ human: 'The database is up to date.', machine: { migrated: true } });
  });

  const teams = group('team', 'teams own videos, keys and quotas');
  leaf(teams, 'create <name>', 'make a team')
    .option('--if-missing', 'answer the team where there is one of that name')
    .action(async (name: string, options: { ifMissing?: true }) => {
      const ctx = { db: deployment.database() };
      const existing = options.ifMissing ? await getTeamByName(ctx, name) : null;
      const team = existing ?? (await createTeam({ ...ctx, actor: CLI_ACTOR }, { name }));
      print({ human: `${existing ? 'Found' : 'Created'} team ${team.name} (${team.id}).`, machine: team });
    });

  leaf(group('user', 'people who sign in to the dashboard'), 'create <email>', 'let a person sign in')
    .option('--name <name>', 'what the person is called; the address where absent')
    .addOption(
      new Option('--role <role>', 'admin: everything; the others: in their teams')
        .choices(roles)
        .default('member'),
    )
    .option('--team <name...>', 'the teams of a manager or member')
    .option('--no-password', 'for whoever signs in with the identity provider')
    .option('--if-missing', 'leave a user of this address as it is')
    .action(
      async (
        email: string,
        options: {
          name?: string;
          role: UserRole;
          team?: string[];
          password: boolean;
          ifMissing?: true;
        },
      ) => {
        const passwords = await deployment.passwords();
        const password = options.password ? passwords.make() : null;
        const created = await createUser(
          { db: deployment.database(), actor: CLI_ACTOR },
          {
            email,
            name: options.name ?? email,
            role: options.role,
            teamIds: await Promise.all((options.team ?? []).map(teamId)),
            passwordHash: password === null ? null : await passwords.hash(password),
          },
        ).catch((error: unknown) => {
          if (options.ifMissing && error instanceof ReelgateError && error.details.param === 'email')
            return null;
          throw error;
        });
        const human = !created
          ? `There is a user ${email}.`
          : password === null
            ? `Created ${created.role} ${created.email}, who signs in with the identity provider.`
            : `Created ${created.role} ${created.email}. Password, shown only this once:\n${password}`;
        print({ human, machine: created ? { ...created, password } : { email, password: null } });
      },
    );

  addKeyCommands(group('key', 'API keys, which callers sign in with'), { deployment, print, leaf, teamId });

  addWebhookCommands(group('webhook', 'where teams are told'), {
    deployment,
    print,
    leaf,
    teamId,
    teamOption,
  });

  addQuotaCommands({
    group,
    leaf,
    print,
    teamId,
    wholeNumber: wholeSeconds,
    database: () => deployment.database(),
  });

  addBrakeCommands({ deployment, print, group, leaf, teamId });
  addVideoCommands(group('video', 'what has been rendered'), { deployment, print, leaf, teamId });

  addAdminCommands({ deployment, print, leaf, group, teams });
  leaf(group('retention', 'how long finished videos are kept'), 'set', 'set the rule of a team')
    .addOption(teamOption())
    .option('--days <days>', 'delete them after so many days', Number)
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

  leaf(
    group('assets', 'the stored files'),
    'rebuild',
    'make missing rows of stored files again from the store',
  ).action(async () => {
    const { context } = await deployment.openArchive('');
    const counts = await rebuildAssets(context);
    print({
      human: `${counts.objects} objects: ${counts.rebuilt} rows made, ${counts.unknown} of videos without a row, ${counts.damaged} damaged.`,
      machine: counts,
    });
  });

  async function teamId(name: string): Promise<string> {
    const team = await getTeamByName({ db: deployment.database() }, name);
    if (team) return team.id;
    throw new Error(
      `There is no team named '${name}'. Make it with: npm run reelgate -- team create ${name}`,
    );
  }

  return program;
}

function wholeSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 604_800) return seconds;
  throw new InvalidArgumentError('It must be a whole number from 1 to 604800 (seven days).');
}
