/** A client for server-sent events, as small as the standard allows. */
import { request } from 'undici';

export interface Message {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Reads until the stream ends or `onMessage` says that it has had enough. Resolves to the status and the id of the last event. */
export async function readEvents(
  url: string,
  options: { secret: string; lastEventId?: string | undefined; onOpen?: () => void },
  onMessage: (message: Message) => boolean | Promise<boolean>,
): Promise<{ status: number; contentType: string; text: string }> {
  const aborted = new AbortController();
  const answer = await request(url, {
    headers: {
      authorization: `Bearer ${options.secret}`,
      ...(options.lastEventId !== undefined && { 'last-event-id': options.lastEventId }),
    },
    signal: aborted.signal,
  });
  const told = { status: answer.statusCode, contentType: String(answer.headers['content-type']) };
  if (answer.statusCode !== 200) return { ...told, text: await answer.body.text() };
  options.onOpen?.();
  let rest = '';
  try {
    answer.body.setEncoding('utf8');
    for await (const chunk of answer.body) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = new Map(
          block
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        );
        const id = fields.get('id');
        if (id === undefined) continue;
        const more = await onMessage({
          id,
          event: fields.get('event') ?? '',
          data: fields.get('data') ?? '',
        });
        if (more) continue;
        aborted.abort();
        return { ...told, text: '' };
      }
    }
  } catch (error) {
    if (!aborted.signal.aborted) throw error;
  }
  return { ...told, text: '' };
}
