import { setTimeout } from 'node:timers/promises';
import OpenAI from 'openai';
import { makeHome, removeHome, startStack } from '../acceptance/stack.ts';
import type { SignedWebhook } from './inputs.ts';
import type { Target } from './operations.ts';
import { control } from './simulator.ts';

export interface Gateway extends Target {
  /** Of the simulator behind it. */
  readonly controlURL: string;
  readonly webhookSecret: string;
  readonly webhookInboxURL: string;
}

export interface Stack {
  readonly gateway: Gateway;
  stop(): Promise<void>;
}

/** Starts what `npm start` starts, in a home of its own; its upstream renders a video in `renderMs`. */
export async function startGateway({ renderMs }: { readonly renderMs: number }): Promise<Stack> {
  const home = await makeHome();
  const stack = await startStack(home, '--no-sample');
  const { baseURL, apiKey, simulatorControlURL, webhookSecret, webhookInboxURL } = await stack.connection();
  await control(simulatorControlURL, 'PUT', 'defaults', { render_ms: renderMs });
  return {
    gateway: { baseURL, apiKey, controlURL: simulatorControlURL, webhookSecret, webhookInboxURL },
    async stop() {
      await stack.end('SIGTERM');
      await removeHome(home);
    },
  };
}

/** A webhook that the gateway has really sent, about a video that is made for it. */
export async function deliveredWebhook(
  gateway: Gateway,
): Promise<SignedWebhook & { readonly secret: string }> {
  const { baseURL, apiKey, webhookSecret: secret, webhookInboxURL } = gateway;
  const { id } = await new OpenAI({ baseURL, apiKey }).videos.create({ prompt: 'Tell me when it is done' });
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    const response = await fetch(new URL('deliveries', webhookInboxURL));
    const { data } = (await response.json()) as {
      data: { headers: Record<string, string>; bodyBase64: string; event: { data: { id: string } } | null }[];
    };
    const delivery = data.find(({ event }) => event?.data.id === id);
    if (delivery !== undefined) {
      const { headers, bodyBase64 } = delivery;
      return { secret, headers, body: Buffer.from(bodyBase64, 'base64').toString('utf8') };
    }
    await setTimeout(100);
  }
  throw new Error(`No webhook about ${id} came within a minute`);
}
