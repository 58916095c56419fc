import { createUser, ReelgateError, type UserRole } from '@reelgate/core';
import { Option } from 'commander';
import { CLI_ACTOR, type CommandLine } from './command-line.ts';

const ROLES = ['admin', 'manager', 'member'] as const;

/** `user create`. */
export function addUserCommands({ deployment, print, group, leaf, teamId }: CommandLine): void {
  leaf(group('user', 'people who sign in to the dashboard'), 'create <email>', 'let a person sign in')
    .option('--name <name>', 'what the person is called; the address where absent')
    .addOption(
      new Option('--role <role>', 'admin: everything; the others: in their teams')
        .choices(ROLES)
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
}
