import { Command } from 'commander';
import { addAuditCommands } from './audit-commands.ts';
import { addBrakeCommands } from './brake-commands.ts';
import { createCommandLine, type Print } from './command-line.ts';
import type { Deployment } from './deployment.ts';
import { addKeyCommands } from './key-commands.ts';
import { addQuotaCommands } from './quota-commands.ts';
import { addTeamCommands } from './team-commands.ts';
import { addUsageCommands } from './usage-commands.ts';
import { addUserCommands } from './user-commands.ts';
import { addVideoCommands } from './video-commands.ts';
import { addWebhookCommands } from './webhook-commands.ts';

export function createProgram(deployment: Deployment, print: Print): Command {
  const program = new Command('reelgate').description('Administers a Reelgate deployment.');
  const commandLine = createCommandLine(program, deployment, print);
  commandLine.leaf(program, 'migrate', 'bring the tables of the database up to date').action(async () => {
    await deployment.migrate();
    print({ human: 'The database is up to date.', machine: { migrated: true } });
  });
  addTeamCommands(commandLine);
  addUserCommands(commandLine);
  addKeyCommands(commandLine);
  addWebhookCommands(commandLine);
  addQuotaCommands(commandLine);
  addUsageCommands(commandLine);
  addBrakeCommands(commandLine);
  addVideoCommands(commandLine);
  addAuditCommands(commandLine);
  return program;
}
