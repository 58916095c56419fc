/** A Postgres with its template database in the temporary directory: tells its URL when it is ready, and goes when its input ends. */
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestPostgres } from '@reelgate/testkit';

const postgres = await startTestPostgres(join(tmpdir(), 'postgres'));
console.log(postgres.url);
await once(process.stdin.resume(), 'end');
await postgres.stop();
