import OpenAI, { AuthenticationError } from 'openai';
import type { RunCommand } from './command-line.ts';
import type { Inbox } from './inbox.ts';
import { readPrivateJson, writePrivateJson } from './private-file.ts';

/** What the first run makes, so that there is something to play with. */
export interface Demo {
  readonly apiKey: string;
  readonly webhook: { readonly url: string; readonly secret: string };
  /** Of the Admin API. */
  readonly adminKey: string;
  /** Of the dashboard; null where there was one before this stack, whose password nobody told it. */
  readonly admin: Admin | null;
}

export interface Admin {
  readonly email: string;
  readonly password: string;
}

export const demoTeam = 'demo';
const adminEmail = 'admin@reelgate.localhost';

export function readDemo(file: string): Promise<Demo | undefined> {
  return readPrivateJson<Demo>(file);
}

/**
 * Finds the key and the webhook endpoint of the team `demo` and the dashboard's admin again, or makes them: the first time, where the database is
 * another one than last time, and where the inbox had to move to another port.
 */
export async function ensureDemo(options: {
  file: string;
  known: Demo | undefined;
  baseURL: string;
  inbox: Inbox;
  runCommand: RunCommand;
}): Promise<Demo> {
  const { file, known, baseURL, inbox, runCommand } = options;
  const isAccepted = known !== undefined && (await accepts(baseURL, known.apiKey));
  if (isAccepted && known.webhook.url === inbox.url && known.admin !== undefined && known.adminKey)
    return known;

  await runCommand(['team', 'create', demoTeam, '--if-missing']);
  const team = ['--team', demoTeam];
  const apiKey = isAccepted ? known.apiKey : await createKey(runCommand, team);
  const endpoint = (await runCommand(['webhook', 'create', ...team, '--url', inbox.url])) as {
    secret: string;
  };
  const admin = (isAccepted && known.admin) || (await createAdmin(runCommand));
  const adminKey = (isAccepted && known.adminKey) || (await createAdminKey(runCommand));
  const demo: Demo = { apiKey, webhook: { url: inbox.url, secret: endpoint.secret }, adminKey, admin };
  await writePrivateJson(file, demo);
  return demo;
}

async function createAdmin(runCommand: RunCommand): Promise<Admin | null> {
  const { password } = (await runCommand([
    ...['user', 'create', adminEmail, '--name', 'Admin', '--role', 'admin', '--if-missing'],
  ])) as { password: string | null };
  return password === null ? null : { email: adminEmail, password };
}

async function createAdminKey(runCommand: RunCommand): Promise<string> {
  const key = (await runCommand(['key', 'create', '--admin', '--name', 'npm start'])) as { secret: string };
  return key.secret;
}

async function createKey(runCommand: RunCommand, team: readonly string[]): Promise<string> {
  const key = (await runCommand(['key', 'create', ...team, '--name', 'npm start'])) as { secret: string };
  return key.secret;
}

async function accepts(baseURL: string, apiKey: string): Promise<boolean> {
  try {
    await new OpenAI({ baseURL, apiKey }).videos.list({ limit: 1 });
    return true;
  } catch (error) {
    if (error instanceof AuthenticationError) return false;
    throw error;
  }
}
