import { parseEnv } from './env.ts';
import { createSimulator } from './simulator.ts';

const env = parseEnv(process.env);
const simulator = createSimulator({
  apiKey: env.SIMULATOR_API_KEY,
  renderMs: env.SIMULATOR_RENDER_MS,
  expiresSeconds: env.SIMULATOR_EXPIRES_SECONDS,
  directory: env.SIMULATOR_DIRECTORY,
  sameStills: env.SIMULATOR_SAME_STILLS,
});
const listening = await simulator.listen({ port: env.PORT, host: env.HOST });

const stop = () => void listening.close().then(() => process.exit(0));
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
process.once('disconnect', stop);

console.log(`simulator listening on ${listening.url}`);
process.send?.({ type: 'ready', port: listening.port });
