/** `npm run conformance`: the official SDKs against the simulator and through the gateway. `--help` tells the rest. */
import { parseArgs } from 'node:util';
import { compareAll, provePolls, proveRetries, proveWebhooks } from './reports.ts';
import { prepareSdk, type Sdk, type SdkName, sdkNames } from './toolchains.ts';

const usage = `npm run conformance -- [--only node,python,java,go] [--target URL --key KEY] [--retries | --polls | --webhooks]

  --only     these SDKs; without it all whose toolchain is installed
  --target   a gateway that runs already, with /v1; without it a stack is started
  --key      an API key for it
  --retries  instead: answers to creates are lost, and no video may be made twice
  --polls    instead: who waits for a video keeps the pace that is asked for
  --webhooks instead: webhooks are accepted as they came and refused when spoiled, also during a rotation`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    target: { type: 'string' },
    key: { type: 'string' },
    retries: { type: 'boolean', default: false },
    polls: { type: 'boolean', default: false },
    webhooks: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function main(): Promise<boolean> {
  const { help, retries, polls, webhooks, target: baseURL, key: apiKey } = options;
  if (help) {
    console.log(usage);
    return true;
  }
  const target = baseURL !== undefined && apiKey !== undefined ? { baseURL, apiKey } : undefined;
  if ((baseURL ?? apiKey) !== undefined && (target === undefined || retries || polls || webhooks)) {
    throw new Error(
      `--target and --key come together, and without --retries, --polls and --webhooks.\n\n${usage}`,
    );
  }
  const sdks = await prepare(wanted(options.only));
  if (retries) return await proveRetries(sdks);
  if (webhooks) return await proveWebhooks(sdks);
  if (polls) return await provePolls(sdks);
  return await compareAll(sdks, target);
}

function wanted(only: string | undefined): readonly SdkName[] {
  if (only === undefined) return sdkNames;
  return only.split(',').map((name) => {
    const known = sdkNames.find((each) => each === name);
    if (known === undefined) throw new Error(`There is no SDK '${name}' here: ${sdkNames.join(', ')}`);
    return known;
  });
}

async function prepare(names: readonly SdkName[]): Promise<Sdk[]> {
  const sdks: Sdk[] = [];
  for (const name of names) {
    const sdk = await prepareSdk(name);
    if (typeof sdk !== 'string') {
      console.log(`${name.padEnd(6)}  ${sdk.version}`);
      sdks.push(sdk);
    } else {
      console.log(`${name.padEnd(6)}  NOT RUN: ${sdk}`);
      // Whoever names an SDK wants it run.
      if (options.only !== undefined) throw new Error(`${name} was asked for and cannot run.`);
    }
  }
  return sdks;
}
