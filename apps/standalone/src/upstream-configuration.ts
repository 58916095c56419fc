import { writeFile } from 'node:fs/promises';
import { privateMode } from './private-file.ts';

/** Writes the configuration file that sends both Sora models to the simulator. It is written anew at every start. */
export async function writeUpstreamConfiguration(file: string, simulatorUrl: string): Promise<void> {
  await writeFile(file, configuration(simulatorUrl), { mode: privateMode });
}

function configuration(simulatorUrl: string): string {
  return `# Written by \`npm start\` at every start: changes are lost. infra/reelgate.yaml shows what can be said here.
upstreams:
  - name: simulator
    kind: openai
    baseUrl: ${simulatorUrl}
    # Also makes the videos of test keys (npm run reelgate -- key create --team demo --test).
    test: true
    # Short, so that a first run feels live.
    pollIntervalMs: 1000

models:
  - name: sora-2
    upstream: simulator
    seconds: [4, 8, 12, 16, 20]
    sizes: [720x1280, 1280x720]
    pricePerSecond:
      720x1280: '0.10'
      1280x720: '0.10'
  - name: sora-2-pro
    upstream: simulator
    seconds: [4, 8, 12, 16, 20]
    sizes: [720x1280, 1280x720, 1024x1792, 1792x1024, 1080x1920, 1920x1080]
    pricePerSecond:
      720x1280: '0.30'
      1280x720: '0.30'
      1024x1792: '0.50'
      1792x1024: '0.50'
      1080x1920: '0.70'
      1920x1080: '0.70'
`;
}
