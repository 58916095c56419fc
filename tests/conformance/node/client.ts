import { setTimeout } from 'node:timers/promises';
import OpenAI from 'openai';

const POLL_MS = 250;
const PATIENCE_MS = 120_000;

/** What the runner gives each of these programs. */
export function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

export function createClient(apiKey = environment('API_KEY')): OpenAI {
  return new OpenAI({ baseURL: environment('BASE_URL'), apiKey });
}

/** This SDK has no helper to wait with. Throws for a status that the API does not have. */
export async function untilEnded(client: OpenAI, id: string): Promise<OpenAI.Video> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const video = await client.videos.retrieve(id);
    if (video.status === 'completed' || video.status === 'failed') return video;
    if (video.status !== 'queued' && video.status !== 'in_progress') {
      throw new Error(`${id} has the unknown status ${video.status}`);
    }
    await setTimeout(POLL_MS);
  }
  throw new Error(`${id} did not end within ${PATIENCE_MS} ms`);
}
