import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const here = new URL('.', import.meta.url).pathname;
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'reelgate', 'conformance');

export const programs = ['operations', 'creates', 'polls'] as const;
export type Program = (typeof programs)[number];
export type SdkName = 'node' | 'python' | 'java' | 'go';

/** An SDK that is ready to run. */
export interface Sdk {
  readonly name: SdkName;
  /** As its registry calls it. */
  readonly version: string;
  readonly programs: readonly Program[];
  /** Runs one of our programs for it and reads the JSON that it prints. Rejects with what it said where it fails. */
  run(program: Program, environment: Readonly<Record<string, string>>): Promise<unknown>;
}

interface Toolchain {
  readonly name: SdkName;
  /** Asked first; where one of these fails, the toolchain is not there. */
  readonly needs: readonly (readonly [command: string, ...args: string[]])[];
  /** Installs or builds what is not there yet and tells how to run it. */
  prepare(): Promise<{
    readonly version: string;
    readonly programs: readonly Program[];
    readonly command: (program: Program) => readonly [string, ...string[]];
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
      return {
        version: `openai ${dependencies.openai}`,
        programs: ['operations', 'creates'],
        command: (program) => [process.execPath, join(here, 'node', `${program}.ts`)],
      };
    },
  },
  {
    name: 'python',
    needs: [[python, '-c', 'import sys, venv, ensurepip; assert sys.version_info >= (3, 10), sys.version']],
    async prepare() {
      const requirements = join(here, 'python/requirements.txt');
      const directory = await cached('python', ['python/requirements.txt'], async (made) => {
        await execute(python, ['-m', 'venv', made]);
        await execute(join(made, 'bin/pip'), [
          'install',
          '--quiet',
          '--no-deps',
          '--requirement',
          requirements,
        ]);
      });
      const version = /^openai==(.+)$/m.exec(await readFile(requirements, 'utf8'))?.[1] ?? '';
      return {
        version: `openai ${version}`,
        programs: ['operations', 'creates', 'polls'],
        command: (program) => [
          ...([join(directory, 'bin/python'), '-B'] as const),
          join(here, 'python', `${program}.py`),
        ],
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
      const directory = join(cache, 'java');
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
      const mains = { operations: 'Operations', creates: 'Creates', polls: '' };
      return {
        version: `com.openai:openai-java ${version}`,
        programs: ['operations', 'creates'],
        command: (program) => ['java', '-cp', classPath, mains[program]],
      };
    },
  },
  {
    name: 'go',
    needs: [['go', 'version']],
    async prepare() {
      const executable = join(cache, 'go', 'conformance');
      await execute('go', ['build', '-mod=readonly', '-o', executable, '.'], { cwd: join(here, 'go') });
      const module = await readFile(join(here, 'go/go.mod'), 'utf8');
      const version = /openai-go\/v3 (v\S+)/.exec(module)?.[1] ?? '';
      return {
        version: `github.com/openai/openai-go/v3 ${version}`,
        programs: ['operations', 'creates', 'polls'],
        command: (program) => [executable, program],
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
  const { version, programs, command } = await toolchain.prepare().catch((error: unknown) => {
    // Maven complains on the standard output.
    const { message, stdout = '' } = error as Error & { stdout?: string };
    throw new Error(`The SDK for ${name} could not be prepared: ${message}\n${stdout}`);
  });
  return {
    ...{ name, version, programs },
    run: (program, environment) => run(command(program), environment),
  };
}

/** A folder that was filled with the same inputs before, or is filled now. */
async function cached(
  kind: string,
  files: readonly string[],
  fill: (directory: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(join(here, file)));
  const directory = join(cache, `${kind}-${hash.digest('hex').slice(0, 16)}`);
  const isFilled = await readFile(join(directory, 'filled')).then(
    () => true,
    () => false,
  );
  if (isFilled) return directory;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await fill(directory);
  await writeFile(join(directory, 'filled'), '');
  return directory;
}

async function run(
  [command, ...args]: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
): Promise<unknown> {
  const child = spawn(command, args, {
    env: inherited(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [output, complaints, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${complaints}${output}`);
  return JSON.parse(output);
}

/** An OPENAI_BASE_URL or the like in the shell of whoever runs this would change what is tested. */
function inherited(environment: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('OPENAI_'));
  return { ...Object.fromEntries(kept), ...environment };
}
