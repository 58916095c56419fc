import OpenAI, { type APIError } from 'openai';
import type { RunCommand } from './command-line.ts';
import type { Connection } from './connection.ts';
import { demoTeam } from './demo.ts';
import type { Inbox } from './inbox.ts';
import type { Terminal } from './terminal.ts';

const pollMs = 400;
const videoTimeoutMs = 120_000;
const webhookTimeoutMs = 30_000;

/** What `reelgate video url` answers. */
interface VideoUrl {
  url: string;
  location: string;
  bytes: number;
}

export async function hasVideos({ baseURL, apiKey }: Connection): Promise<boolean> {
  const page = await new OpenAI({ baseURL, apiKey }).videos.list({ limit: 1 });
  return page.data.length > 0;
}

/** Sends one video through the public API, as any caller would, and shows how it goes until it is archived and told. */
export async function sendSample(options: {
  connection: Connection;
  inbox: Inbox;
  runCommand: RunCommand;
  terminal: Terminal;
}): Promise<void> {
  const { connection, inbox, runCommand, terminal } = options;
  const client = new OpenAI({ baseURL: connection.baseURL, apiKey: connection.apiKey });
  const startedAt = Date.now();
  terminal.line('A sample video, sent with the official OpenAI SDK:');
  try {
    const created = await client.videos.create({
      model: 'sora-2',
      prompt: 'A paper boat sails through a quiet harbour at dawn',
      seconds: '4',
      size: '1280x720',
    });
    terminal.step(created.id);
    const video = await untilEnded(client, created.id, (current) =>
      terminal.progress(`${current.status.replace('_', ' ')}, ${current.progress} %`),
    );
    if (video.status === 'failed') throw new Error(video.error?.message ?? 'no reason was given');
    const archived = (await runCommand(['video', 'url', video.id, '--team', demoTeam])) as VideoUrl;
    terminal.part('archived', `${archived.location} (${(archived.bytes / 1e6).toFixed(1)} MB)`);
    const delivery = await inbox.waitFor(video.id, AbortSignal.timeout(webhookTimeoutMs));
    terminal.part(
      'webhook',
      `${delivery.event?.type}, signature verified, ${connection.webhookInboxURL}deliveries`,
    );
    terminal.part('watch it', archived.url);
    terminal.part('its page', `${connection.publicURL}/videos/${video.id}`);
    terminal.line(`Done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
  } catch (error) {
    terminal.error(
      `The sample video did not get through: ${(error as APIError).message}\n` +
        'Everything keeps running. The logs may tell why; `npm start -- --sample` tries again.',
    );
  }
}

async function untilEnded(
  client: OpenAI,
  id: string,
  show: (video: OpenAI.Video) => void,
): Promise<OpenAI.Video> {
  const deadline = Date.now() + videoTimeoutMs;
  for (;;) {
    const video = await client.videos.retrieve(id);
    show(video);
    if (video.status === 'completed' || video.status === 'failed') return video;
    if (Date.now() > deadline)
      throw new Error(`${id} is still ${video.status} after ${videoTimeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
