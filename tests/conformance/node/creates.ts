/** The same create COUNT times at once, with the SDK's own retries; then each video is waited for. Prints one JSON array. */
import { createClient, environment, untilEnded } from './client.ts';
import { shownError } from './steps.ts';

const client = createClient().withOptions({ timeout: Number(environment('TIMEOUT_MS')) });

async function createAndHold() {
  try {
    const { id } = await client.videos.create({ prompt: environment('PROMPT'), seconds: '4' });
    const { status } = await untilEnded(client, id);
    return { id, status };
  } catch (error) {
    return { error: shownError(error) };
  }
}

const attempts = Array.from({ length: Number(environment('COUNT')) }, createAndHold);
console.log(JSON.stringify(await Promise.all(attempts)));
