import type { Connection } from './connection.ts';
import type { Terminal } from './terminal.ts';

/** What a person needs to go on by themselves. */
export function showWelcome(
  terminal: Terminal,
  connection: Connection,
  directory: string,
  isFirstRun: boolean,
): void {
  const { admin, baseURL, apiKey, publicURL } = connection;
  terminal.line();
  terminal.part('dashboard', publicURL);
  if (admin) {
    const password = isFirstRun
      ? `password ${admin.password} (shown only now)`
      : 'password as told at the first run';
    terminal.part('sign in', `${admin.email}, ${password}`);
  }
  terminal.part('base URL', baseURL);
  terminal.part('API key', `${apiKey} (team demo)`);
  terminal.part(
    'more',
    `${directory}/connection.json holds every address and key, ${directory}/logs the logs`,
  );
  terminal.line(`
  curl ${baseURL}/videos -H "Authorization: Bearer ${apiKey}" -F model=sora-2 -F seconds=4 -F prompt="A red balloon over a lake"

  import OpenAI from 'openai';
  const client = new OpenAI({ baseURL: '${baseURL}', apiKey: '${apiKey}' });
  let video = await client.videos.create({ model: 'sora-2', prompt: 'A red balloon over a lake', seconds: '4' });
  while (!['completed', 'failed'].includes(video.status)) { await new Promise((resolve) => setTimeout(resolve, 1000)); video = await client.videos.retrieve(video.id); }
  const file = await client.videos.downloadContent(video.id);
`);
}
