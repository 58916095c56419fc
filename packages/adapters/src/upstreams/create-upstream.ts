import { createOpenAIUpstream } from './openai/index.ts';
import type { ClosableUpstream, UpstreamSettings } from './settings.ts';

interface SettingsByKind {
  /** The OpenAI Videos API, as OpenAI, vLLM-Omni, SGLang and the aggregators speak it. */
  readonly openai: UpstreamSettings;
}

const KINDS: { readonly [K in keyof SettingsByKind]: (settings: SettingsByKind[K]) => ClosableUpstream } = {
  openai: createOpenAIUpstream,
};

export type UpstreamKind = keyof SettingsByKind;
export type UpstreamConfig<K extends UpstreamKind = UpstreamKind> = { readonly kind: K } & SettingsByKind[K];

/** Throws on settings that cannot work (see `UpstreamSettings`). Opens no connection before the first call. */
export function createUpstream<K extends UpstreamKind>(config: UpstreamConfig<K>): ClosableUpstream {
  return KINDS[config.kind](config);
}
