import { EVENT_TYPES, type EventType } from '@reelgate/contract';
import {
  createWebhookEndpoint,
  listScopedEndpoints,
  ownerOfEndpoint,
  replayFailed,
  rotateWebhookSecret,
  testWebhookEndpoint,
} from '@reelgate/core';
import { Option } from 'commander';
import { moment } from './arguments.ts';
import { CLI_ACTOR, type CommandLine } from './command-line.ts';

const SHOWN = 1_000;

/** `webhook create | list | rotate | test | replay`. */
export function addWebhookCommands({ deployment, print, group, leaf, teamId }: CommandLine): void {
  const webhook = group('webhook', 'where teams are told');
  const context = () => ({
    db: deployment.database(),
    secretBox: deployment.secretBox(),
    webhooks: deployment.webhooks(),
    actor: CLI_ACTOR,
  });
  const everywhere = () => ({ db: deployment.database(), scope: 'all' as const });
  const ownerOf = (id: string) => ownerOfEndpoint(everywhere(), id);

  leaf(webhook, 'create', 'register a webhook endpoint')
    .requiredOption('--team <name>', 'the team it is for')
    .requiredOption('--url <url>', 'where events are posted to')
    .action(async (options: { team: string; url: string }) => {
      const input = { teamId: await teamId(options.team), url: options.url };
      const endpoint = await createWebhookEndpoint(context(), input);
      print({
        human: `Registered ${endpoint.id}. Its signing secret, shown only this once:\n${endpoint.secret}`,
        machine: { id: endpoint.id, url: endpoint.url, secret: endpoint.secret },
      });
    });

  leaf(webhook, 'list', 'show the webhook endpoints')
    .option('--team <name>', 'of this team only')
    .action(async (options: { team?: string }) => {
      const filter = { teamId: options.team === undefined ? undefined : await teamId(options.team) };
      const { endpoints } = await listScopedEndpoints(everywhere(), filter, { after: null, limit: SHOWN });
      const lines = endpoints.map(
        ({ id, teamName, state, url }) => `${id}  ${teamName ?? '(organization)'}  ${state}  ${url}`,
      );
      print({ human: lines.join('\n') || 'There are none.', machine: endpoints });
    });

  leaf(webhook, 'rotate <id>', 'give an endpoint a new signing secret')
    .option('--emergency', 'the old secret is worth nothing from now on, and not only in 24 hours')
    .action(async (id: string, options: { emergency?: true }) => {
      const keepOld = options.emergency === undefined;
      const { secret } = await rotateWebhookSecret(context(), await ownerOf(id), id, { keepOld });
      print({ human: `${secret}\nThis is the only time it is shown.`, machine: { id, secret } });
    });

  leaf(webhook, 'test <id>', 'send an endpoint a sample event')
    .addOption(new Option('--type <type>', 'which event').choices(EVENT_TYPES).default('video.completed'))
    .action(async (id: string, options: { type: EventType }) => {
      const answer = await testWebhookEndpoint(context(), await ownerOf(id), id, options.type);
      const durationMs = Math.round(answer.durationMs);
      print({
        human: `It answered ${answer.status} after ${durationMs} ms.`,
        machine: { id, status: answer.status, durationMs },
      });
    });

  leaf(webhook, 'replay <id>', 'send an endpoint again what did not reach it')
    .requiredOption('--since <moment>', 'from when on, such as 2026-11-02T00:00:00Z', moment)
    .action(async (id: string, options: { since: Date }) => {
      const count = await replayFailed(context(), await ownerOf(id), id, options.since);
      print({ human: `${count} are being sent again.`, machine: { id, count } });
    });
}
