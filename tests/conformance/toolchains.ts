import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const here = new URL('.', import.meta.url).pathname;
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'reelgate', 'conformance');

export type Program = 'operations' | 'creates' | 'polls' | 'webhooks';
export type SdkName = 'node' | 'python' | 'java' | 'go';
type Command = readonly [program: string, ...args: string[]];

/** An SDK that is ready to run. */
export interface Sdk {
  readonly name: SdkName;
  /** As its registry calls it. */
  readonly version: string;
  /** Runs one of our programs for it and reads the JSON that it prints. Rejects with what it said where it fails. */
  run(program: Program, environment: Readonly<Record<string, string>>): Promise<unknown>;
}

interface Toolchain {
  readonly name: SdkName;
  /** Asked first; where one of these fails, the toolchain is not there. */
  readonly needs: readonly Command[];
  /** Installs or builds what is not there yet and tells how to run it. */
  prepare(): Promise<{
    readonly version: string;
    readonly commands: Readonly<Record<Program, Command>>;
  }>;
}

/** Some helpers would wait for ever. */
const PATIENCE_MS = 300_000;

const python = process.env.PYTHON ?? 'python3';

const toolchains: readonly Toolchain[] = [
  {
    name: 'node',
    needs: [],
    async prepare() {
      const manifest = await readFile(join(here, '../package.json'), 'utf8');
      const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
      const fileOf = (url: URL) => [process.execPath, url.pathname] as const;
      return {
        version: `openai ${dependencies.openai}`,
        commands: {
          operations: fileOf(new URL('./node/operations.ts', import.meta.url)),
          creates: fileOf(new URL('./node/creates.ts', import.meta.url)),
          webhooks: fileOf(new URL('./node/webhooks.ts', import.meta.url)),
          polls: fileOf(new URL('./node/polls.ts', import.meta.url)),
        },
      };
    },
  },
  {
    name: 'python',
    needs: [[python, '-c', 'import sys, venv, ensurepip; assert sys.version_info >= (3, 10), sys.version']],
    async prepare() {
      const path = join(here, 'python/requirements.txt');
      const requirements = await readFile(path, 'utf8');
      const directory = await folderFor('python', requirements);
      await execute(python, ['-m', 'venv', directory]);
      // Says nothing and asks nobody where all is there already.
      await execute(join(directory, 'bin/pip'), ['install', '--quiet', '--no-deps', '--requirement', path]);
      const version = /^openai==(.+)$/m.exec(requirements)?.[1] ?? '';
      const scriptOf = (name: Program) =>
        [join(directory, 'bin/python'), '-B', join(here, 'python', `${name}.py`)] as const;
      return {
        version: `openai ${version}`,
        commands: {
          operations: scriptOf('operations'),
          creates: scriptOf('creates'),
          polls: scriptOf('polls'),
          webhooks: scriptOf('webhooks'),
        },
      };
    },
  },
  {
    name: 'java',
    needs: [
      ['java', '-version'],
      ['javac', '-version'],
      ['mvn', '--version'],
    ],
    async prepare() {
      const pom = await readFile(join(here, 'java/pom.xml'), 'utf8');
      const directory = await folderFor('java', pom);
      await execute(
        'mvn',
        [
          '--batch-mode',
          '--quiet',
          `-Dconformance.directory=${directory}`,
          'compile',
          'dependency:copy-dependencies',
        ],
        { cwd: join(here, 'java') },
      );
      const classPath = `${join(directory, 'classes')}:${join(directory, 'dependency')}/*`;
      const version = /<openai.version>(.+)<\/openai.version>/.exec(pom)?.[1] ?? '';
      return {
        version: `com.openai:openai-java ${version}`,
        commands: {
          operations: ['java', '-cp', classPath, 'Operations'],
          creates: ['java', '-cp', classPath, 'Creates'],
          polls: ['java', '-cp', classPath, 'Polls'],
          webhooks: ['java', '-cp', classPath, 'Webhooks'],
        },
      };
    },
  },
  {
    name: 'go',
    needs: [['go', 'version']],
    async prepare() {
      const module = await readFile(join(here, 'go/go.mod'), 'utf8');
      const executable = join(await folderFor('go', module), 'conformance');
      await execute('go', ['build', '-mod=readonly', '-o', executable, '.'], { cwd: join(here, 'go') });
      const version = /openai-go\/v3 (v\S+)/.exec(module)?.[1] ?? '';
      return {
        version: `github.com/openai/openai-go/v3 ${version}`,
        commands: {
          operations: [executable, 'operations'],
          creates: [executable, 'creates'],
          polls: [executable, 'polls'],
          webhooks: [executable, 'webhooks'],
        },
      };
    },
  },
];

export const sdkNames: readonly SdkName[] = toolchains.map(({ name }) => name);

/** The SDK, or in words why it cannot run here. */
export async function prepareSdk(name: SdkName): Promise<Sdk | string> {
  const toolchain = toolchains.find((each) => each.name === name) as Toolchain;
  for (const [command, ...args] of toolchain.needs) {
    try {
      await execute(command, args);
    } catch (error) {
      const { code, stderr } = error as { code?: string | number; stderr?: string };
      const reason =
        code === 'ENOENT' ? `${command} is not installed` : `${command} fails: ${stderr?.trim()}`;
      return `its toolchain is not here: ${reason}`;
    }
  }
  const { version, commands } = await toolchain.prepare().catch((error: unknown) => {
    // Maven complains on the standard output.
    const { message, stdout = '' } = error as Error & { stdout?: string };
    throw new Error(`The SDK for ${name} could not be prepared: ${message}\n${stdout}`);
  });
  return {
    ...{ name, version },
    run: (program, environment) => run(commands[program], environment),
  };
}

/** A folder for what is made from these pins, and no others: what is left of older ones would be found by a class path. */
async function folderFor(name: SdkName, pins: string): Promise<string> {
  const directory = join(cache, `${name}-${createHash('sha256').update(pins).digest('hex').slice(0, 16)}`);
  await mkdir(directory, { recursive: true });
  return directory;
}

async function run(
  [program, ...args]: Command,
  environment: Readonly<Record<string, string>>,
): Promise<unknown> {
  const child = spawn(program, args, {
    env: inherited(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [output, complaints, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${complaints}${output}`);
  return JSON.parse(output);
}

/** An OPENAI_BASE_URL or the like in the shell of whoever runs this would change what is tested. */
function inherited(environment: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('OPENAI_'));
  return { ...Object.fromEntries(kept), ...environment };
}
