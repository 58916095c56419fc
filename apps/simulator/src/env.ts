import { z } from 'zod';

const text = z.string().min(1).optional();
const number = (fallback: number) => z.coerce.number().int().min(0).default(fallback);

const envSchema = z.object({
  PORT: number(4010).describe('Port to listen on; 0 takes a free one.'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
  SIMULATOR_API_KEY: text.describe('Bearer key that /v1 asks for; none if absent.'),
  SIMULATOR_RENDER_MS: number(3000).describe('How long a video takes, in milliseconds.'),
  SIMULATOR_EXPIRES_SECONDS: number(3600).describe('How long a completed video can be fetched.'),
  SIMULATOR_SAME_STILLS: z
    .stringbool()
    .default(false)
    .describe(
      'Every video of a size and length has the same thumbnail and spritesheet, which are drawn once.',
    ),
  SIMULATOR_DIRECTORY: text.describe('Where rendered files go; a temporary directory if absent.'),
});

export type SimulatorEnvironment = z.output<typeof envSchema>;

/** Throws with every wrong variable named. An empty variable counts as absent. */
export function parseEnv(variables: NodeJS.ProcessEnv): SimulatorEnvironment {
  const present = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = envSchema.safeParse(present);
  if (!parsed.success) throw new Error(`Invalid environment:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
