import { createServerDatabase, startTestPostgres, startWalk, type Walk } from '@reelgate/testkit';

/** A walk with a Postgres of its own, for a benchmark; everything ends with `close`. */
export async function startRig(options: Parameters<typeof startWalk>[0] = {}): Promise<Walk> {
  const postgres = await startTestPostgres();
  const database = await createServerDatabase(postgres.url, { max: 20 });
  // Drawing stills takes the simulator seven times as long as a film.
  const simulator = { SIMULATOR_SAME_STILLS: 'true', ...options?.simulator };
  const walk = await startWalk({ ...options, simulator, database });
  return {
    ...walk,
    async close() {
      await walk.close();
      await postgres.stop();
    },
  };
}
