import { parseArgs } from 'node:util';
import { ambiguous } from './benchmarks/ambiguous.ts';
import { archive } from './benchmarks/archive.ts';
import { polling } from './benchmarks/polling.ts';
import { queueLost } from './benchmarks/queue-lost.ts';
import { webhooks } from './benchmarks/webhooks.ts';
import { type Benchmark, print } from './report.ts';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  archive,
  polling,
  webhooks,
  ambiguous,
  'queue-lost': queueLost,
};

async function main(): Promise<void> {
  const [name = '', ...given] = process.argv.slice(2);
  const benchmark = BENCHMARKS[name];
  if (!benchmark) {
    console.log('npm run bench -- <name> [--option value]\n');
    for (const [known, { about, options }] of Object.entries(BENCHMARKS)) {
      const defaults = Object.entries(options).map(([option, value]) => `--${option} ${value}`);
      console.log(`  ${known.padEnd(14)} ${about}\n  ${' '.repeat(14)} ${defaults.join(' ')}`);
    }
    process.exitCode = name === '' ? 0 : 2;
    return;
  }
  const { values } = parseArgs({
    args: given,
    options: Object.fromEntries(
      Object.keys(benchmark.options).map((option) => [option, { type: 'string' as const }]),
    ),
  });
  const options = { ...benchmark.options };
  for (const [option, value] of Object.entries(values)) {
    const number = Number(value);
    if (!Number.isFinite(number)) throw new Error(`--${option} wants a number`);
    options[option] = number;
  }
  print(await benchmark.run(options));
}

await main();
