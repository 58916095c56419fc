import { adoptVideo, findContent, rebuildAssets } from '@reelgate/core';
import { Option } from 'commander';
import { parseAmount } from './amount.ts';
import { wholeSeconds } from './arguments.ts';
import { CLI_ACTOR, type CommandLine } from './command-line.ts';

const extensions = { video: 'mp4', thumbnail: 'webp', spritesheet: 'jpg' } as const;

/** `video url | adopt`, `assets rebuild`. */
export function addVideoCommands({ deployment, print, group, leaf, teamId }: CommandLine): void {
  const video = group('video', 'what has been rendered');
  leaf(video, 'url <id>', 'a link to a video that works without a key')
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

  leaf(video, 'adopt <upstream> <upstream-video-id>', "take a video that an upstream has made into a team's")
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
}
