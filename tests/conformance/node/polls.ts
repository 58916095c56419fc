/** One create that is waited for at the pace that each answer asks for: this SDK has no helper for it. Prints the video as JSON. */
import { setTimeout } from 'node:timers/promises';
import { createClient, environment } from './client.ts';

const client = createClient();
const { id } = await client.videos.create({ prompt: environment('PROMPT'), seconds: '4' });
console.log(JSON.stringify(await ended()));

async function ended() {
  for (;;) {
    const { data: video, response } = await client.videos.retrieve(id).withResponse();
    if (video.status === 'completed' || video.status === 'failed') return video;
    await setTimeout(Number(response.headers.get('openai-poll-after-ms') ?? 1_000));
  }
}
