import { createHash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { type Behaviour, behaviourSchema } from '../behaviour.ts';
import type { Character } from '../characters-store.ts';
import { openContent, sha256Of } from '../content-body.ts';
import type { SimulatorEnv } from '../exchange.ts';
import { chargedMicroUsd } from '../lifecycle.ts';
import { invalid, OpenAiError, videoNotFound } from '../openai-error.ts';
import { VARIANTS, type Variant } from '../renders.ts';
import { ruleSchema } from '../rules.ts';
import { type SimulatorState, standing } from '../state.ts';
import type { Video } from '../videos-store.ts';

const forgetSchema = z.strictObject({ id: z.string().optional() });

/** Commands for the simulator, and the truth about what it did. No part of the Videos API. */
export function createControlRoutes(state: SimulatorState): Hono<SimulatorEnv> {
  const { rules, videos, characters, ledger, renders } = state;
  const paddedHashes = new Map<string, string>();

  /** What a rendered variant really holds; null until somebody has asked for it. */
  async function contentTruth(video: Video, variant: Variant) {
    const rendered = renders.known(video, variant);
    if (!rendered) return null;
    const body = openContent(rendered, video.behaviour);
    if (body.bytes === rendered.bytes) return { bytes: body.bytes, sha256: rendered.sha256 };
    const key = `${video.id} ${body.bytes}`;
    const hash = paddedHashes.get(key) ?? (await hashPadded(video, variant));
    paddedHashes.set(key, hash);
    return { bytes: body.bytes, sha256: hash };
  }

  async function hashPadded(video: Video, variant: Variant): Promise<string> {
    return await sha256Of(openContent(await renders.get(video, variant), video.behaviour));
  }

  async function videoTruth(video: Video) {
    const moment = standing(state, video);
    const content: Record<string, { bytes: number; sha256: string } | null> = {};
    for (const variant of VARIANTS) content[variant] = await contentTruth(video, variant);
    return {
      id: video.id,
      operation: video.operation,
      source_video_id: video.sourceId,
      source_file: video.sourceFile,
      created_at: Math.floor(video.createdAtMs / 1000),
      prompt_sha256: createHash('sha256').update(video.prompt).digest('hex'),
      model: video.model,
      seconds: video.seconds,
      size: video.size,
      input_reference: video.inputReference,
      character_ids: video.characterIds,
      status: moment.status,
      deleted: video.deletedAtMs !== null,
      forgotten: video.forgottenAtMs !== null,
      billed_seconds: video.billedSeconds,
      charged_micro_usd: chargedMicroUsd(video, moment),
      content,
      downloads: video.downloads,
    };
  }

  async function forget(id: string | undefined): Promise<number> {
    const forgotten = videos.forget(id, state.now());
    const count = forgotten.length + characters.forget(id, state.now());
    if (id !== undefined && count === 0) throw videoNotFound(id);
    for (const video of forgotten) await renders.remove(video);
    return count;
  }

  return new Hono<SimulatorEnv>()
    .get('/defaults', (c) => c.json(rules.defaults()))
    .put('/defaults', async (c) => {
      rules.setDefaults(await readJson(c, behaviourSchema));
      return c.json(rules.defaults());
    })
    .patch('/defaults', async (c) => {
      rules.setDefaults(await patched(c, rules.defaults()));
      return c.json(rules.defaults());
    })
    .get('/rules', (c) => c.json({ data: rules.list() }))
    .post('/rules', async (c) => c.json(rules.add(await readJson(c, ruleSchema)), 201))
    .delete('/rules', (c) => {
      rules.clear();
      return c.body(null, 204);
    })
    .post('/forget', async (c) => c.json({ forgotten: await forget((await readJson(c, forgetSchema)).id) }))
    .post('/reset', async (c) => {
      rules.setDefaults({});
      rules.clear();
      ledger.clear();
      videos.clear();
      characters.clear();
      state.files.clear();
      paddedHashes.clear();
      await renders.clear();
      return c.body(null, 204);
    })
    .get('/truth', async (c) => {
      const { creates, refused, bytesServed, counts, log } = ledger.report();
      const all = [];
      for (const video of videos.walk('asc')) all.push(await videoTruth(video));
      const charges = all.reduce((sum, each) => sum + each.charged_micro_usd, 0);
      const totals = {
        creates,
        characters: characters.all().length,
        refused,
        charges_micro_usd: charges,
        bytes_served: bytesServed,
      };
      return c.json({
        videos: all,
        characters: characters.all().map(characterTruth),
        totals,
        requests: { counts, log },
      });
    })
    .get('/truth/:video_id', async (c) => {
      const id = c.req.param('video_id');
      const video = videos.findEver(id);
      if (!video) throw videoNotFound(id);
      return c.json(await videoTruth(video));
    });
}

function characterTruth({ id, name, createdAtMs, video, forgottenAtMs }: Character) {
  const created_at = Math.floor(createdAtMs / 1000);
  return { id, name, created_at, video, forgotten: forgottenAtMs !== null };
}

async function readJson<T>(c: Context<SimulatorEnv>, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text();
  let value: unknown;
  try {
    value = text === '' ? {} : JSON.parse(text);
  } catch {
    throw new OpenAiError(400, 'We could not parse the JSON body of your request.');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(issue?.path.join('.') ?? '', z.prettifyError(parsed.error));
}

/** The defaults with some keys changed; null takes a key away. */
async function patched(c: Context<SimulatorEnv>, before: Behaviour): Promise<Behaviour> {
  const changes = await readJson(c, z.record(z.string(), z.unknown()));
  const merged = Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null);
  const parsed = behaviourSchema.safeParse(Object.fromEntries(merged));
  if (parsed.success) return parsed.data;
  throw invalid('', z.prettifyError(parsed.error));
}
