/** The commands about single videos. */
import { adoptVideo, findContent } from '@reelgate/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CLI_ACTOR } from './admin-commands.ts';
import { parseAmount } from './amount.ts';
import type { Tools } from './key-commands.ts';

const extensions = { video: 'mp4', thumbnail: 'webp', spritesheet: 'jpg' } as const;

/** `video url | adopt`. */
export function addVideoCommands(group: Command, { deployment, print, leaf, teamId }: Tools): void {
  leaf(group, 'url <id>', 'a link to a video that works without a key')
    .option('--team <name>', 'the team that owns it', 'demo')
    .addOption(
      new Option('--variant <variant>', 'which file').choices(Object.keys(extensions)).default('video'),
    )
    .option('--expires <seconds>', 'how long the link works', wholeSeconds, 3600)
    .action(
      async (id: string, options: { team: string; variant: keyof typeof extensions; expires: number }) => {
        const { context, locationOf } = await deployment.openArchive(await teamId(options.team));
        const { objectKey, contentType, bytes } = await findContent(context, id, options.variant);
        const url = await context.ports.objects.presign(objectKey, {
          expiresInSeconds: options.expires,
          contentType,
          fileName: `${id}.${extensions[options.variant]}`,
        });
        const location = locationOf(objectKey);
        print({ human: url, machine: { url, location, bytes, contentType } });
      },
    );

  leaf(group, 'adopt <upstream> <upstream-video-id>', "take a video that an upstream has made into a team's")
    .requiredOption('--team <name>', 'the team that pays for it and owns it from now on')
    .requiredOption('--reason <text>', 'why; kept in the audit log')
    .option('--cost <dollars>', 'what it cost; by the price book where absent')
    .action(
      async (
        accountId: string,
        upstreamId: string,
        options: { team: string; reason: string; cost?: string },
      ) => {
        const upstreams = await deployment.openUpstreams();
        const id = await adoptVideo(
          { db: deployment.database(), actor: CLI_ACTOR, ports: { upstreams } },
          { accountId, upstreamId },
          {
            teamId: await teamId(options.team),
            reason: options.reason,
            costMicroUsd:
              options.cost === undefined ? undefined : parseAmount('--cost', 'cost', options.cost),
          },
        );
        print({
          human: `Team ${options.team} has it as ${id}. A worker stores it next.`,
          machine: { id, team: options.team, upstream: accountId, upstreamVideoId: upstreamId },
        });
      },
    );
}

function wholeSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 604_800) return seconds;
  throw new InvalidArgumentError('It must be a whole number from 1 to 604800 (seven days).');
}
