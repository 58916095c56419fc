import { SCOPES, type Scope } from '@reelgate/contract';
import {
  createKey,
  type KeyKind,
  type KeyScope,
  type KeyView,
  listKeys,
  ReelgateError,
  revokeKey,
  rotateKey,
} from '@reelgate/core';
import { Option } from 'commander';
import { ending, span, wholeNumber } from './arguments.ts';
import { CLI_ACTOR, type CommandLine, plain } from './command-line.ts';

const PAGE = 200;

/** `key create | list | rotate | revoke`. */
export function addKeyCommands({ deployment, print, group, leaf, teamId }: CommandLine): void {
  const keys = group('key', 'API keys, which callers sign in with');
  const team = () => new Option('--team <name>', 'the team that it belongs to');
  const admin = () =>
    new Option('--admin', 'a key of the Admin API, which belongs to no team').conflicts('team');

  leaf(keys, 'create', 'make an API key')
    .addOption(team())
    .addOption(admin())
    .option('--name <label>', 'what the key is called in lists', 'cli')
    .addOption(
      new Option('--test', 'its videos come from the upstream for tests and cost nothing').conflicts('admin'),
    )
    .addOption(
      new Option('--scope <scope...>', 'all that it may; everything where absent').choices(
        Object.keys(SCOPES),
      ),
    )
    .option('--model <name...>', 'the only models that it may use')
    .option('--requests-per-minute <count>', 'how many requests it may make', wholeNumber)
    .option('--expires <when>', 'when it ends: a date, or a time from now such as 90d or 12h', ending)
    .action(
      async (options: {
        team?: string;
        admin?: true;
        name: string;
        test?: true;
        scope?: Scope[];
        model?: string[];
        requestsPerMinute?: number;
        expires?: Date;
      }) => {
        const kind: KeyKind = options.admin ? 'admin' : options.test ? 'test' : 'live';
        const key = await createKey(
          { db: deployment.database(), pepper: deployment.keyPepper(), actor: CLI_ACTOR },
          {
            teamId: await ownerOf(options),
            kind,
            name: options.name,
            scopes: options.scope,
            models: options.model,
            requestsPerMinute: options.requestsPerMinute,
            expiresAt: options.expires,
          },
        );
        print({ human: `${key.secret}\nThis is the only time it is shown.`, machine: key });
      },
    );

  leaf(keys, 'list', 'show API keys, without their secrets')
    .addOption(team())
    .addOption(admin())
    .action(async (options: { team?: string; admin?: true }) => {
      const found = await listAll(
        options.admin ? 'deployment' : 'all',
        options.team === undefined ? undefined : await teamId(options.team),
      );
      print({
        human: found.map(describeKey).join('\n') || 'There are none.',
        machine: plain(found),
      });
    });

  leaf(keys, 'rotate <id>', 'give a key a new secret')
    .option(
      '--overlap <time>',
      'how long the old secret still works, such as 24h; 0 ends it now',
      span,
      86_400,
    )
    .action(async (id: string, options: { overlap: number }) => {
      const db = deployment.database();
      const pepper = deployment.keyPepper();
      const key = await anyKey((scope) =>
        rotateKey({ db, pepper, scope, actor: CLI_ACTOR }, id, options.overlap),
      );
      print({
        human: `${key.secret}\nThis is the only time it is shown. The old one works until ${key.previousExpiresAt?.toISOString()}.`,
        machine: key,
      });
    });

  leaf(keys, 'revoke <id>', 'end a key for good, at once and on every gateway').action(async (id: string) => {
    const db = deployment.database();
    await anyKey((scope) => revokeKey({ db, scope, actor: CLI_ACTOR }, id));
    print({ human: `Revoked ${id}.`, machine: { id, state: 'revoked' } });
  });

  async function ownerOf(options: { team?: string; admin?: true }): Promise<string | null> {
    if (options.admin) return null;
    if (options.team === undefined) throw new Error('Say whose key it is: --team <name>, or --admin.');
    return await teamId(options.team);
  }

  async function listAll(scope: KeyScope, ofTeam: string | undefined): Promise<KeyView[]> {
    const all: KeyView[] = [];
    for (;;) {
      const after = all.at(-1)?.id ?? null;
      const { keys, hasMore } = await listKeys(
        { db: deployment.database(), scope },
        { teamId: ofTeam },
        { after, limit: PAGE },
      );
      all.push(...keys);
      if (!hasMore) return all;
    }
  }
}

/** An id does not say whether it is of a team or of the deployment. */
async function anyKey<T>(work: (scope: KeyScope) => Promise<T>): Promise<T> {
  try {
    return await work('all');
  } catch (error) {
    if (error instanceof ReelgateError && error.code === 'key_not_found') return await work('deployment');
    throw error;
  }
}

function describeKey(key: KeyView): string {
  const uses = key.lastUsedAt === null ? 'never used' : `last used ${key.lastUsedAt.toISOString()}`;
  const ends = key.expiresAt === null ? '' : `, expires ${key.expiresAt.toISOString()}`;
  return `${key.id}  rg_${key.kind}_${key.prefix}…  ${key.state}  ${key.teamName ?? 'admin'}: ${key.name} (${uses}${ends})`;
}
