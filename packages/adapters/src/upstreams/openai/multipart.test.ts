import type { UpstreamJob } from '@reelgate/core/ports';
import { describe, expect, it } from 'vitest';
import { encodeForm, findUnsendable, formFields } from './multipart.ts';

const job: UpstreamJob = {
  operation: 'create',
  model: 'wan-2.2',
  prompt: 'A cat\nin the rain',
  seconds: 8,
  size: '1280x720',
  params: {},
};

describe('formFields', () => {
  it('sends every parameter explicitly, seconds as text', () => {
    expect(formFields(job)).toEqual([
      ['model', 'wan-2.2'],
      ['prompt', 'A cat\nin the rain'],
      ['seconds', '8'],
      ['size', '1280x720'],
    ]);
  });

  it('spells structures as the SDKs do and leaves out what is not set', () => {
    const params = {
      fps: 16,
      loop: false,
      nothing: null,
      camera: { pan: { x: 1 }, tags: ['a', 'b'] },
      loras: [{ name: 'x', weight: 0.5 }],
      empty: [],
      other: 1,
    };
    expect(formFields({ ...job, params }).slice(4)).toEqual([
      ['fps', '16'],
      ['loop', 'false'],
      ['camera[pan][x]', '1'],
      ['camera[tags][]', 'a'],
      ['camera[tags][]', 'b'],
      ['loras[][name]', 'x'],
      ['loras[][weight]', '0.5'],
      ['other', '1'],
    ]);
  });

  it('lets no parameter replace what the price was made of', () => {
    const params = { model: 'dear', seconds: 20, size: '1920x1080', prompt: 'other' };
    expect(formFields({ ...job, params })).toEqual(formFields(job));
  });
});

describe('findUnsendable', () => {
  it.each([
    'input_reference',
    'input_references',
    'input_reference[image_url]',
    'image_reference',
    'reference_url',
    'image_url',
    'image_path',
    'video',
    'url',
  ])('names %s, which some servers open', (name) => {
    expect(findUnsendable({ fps: 1, [name]: '/etc/passwd' })).toBe(name);
  });

  it('names nesting without bound, and survives it', () => {
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
    expect(findUnsendable({ deep })).toBe('deep');
    expect(findUnsendable({ camera: { pan: { x: [1] } }, aspect_ratio: '16:9', negative_prompt: 'x' })).toBe(
      undefined,
    );
  });
});

describe('encodeForm', () => {
  it('keeps values byte for byte, as another parser reads them', async () => {
    const prompt = 'one\ntwo\r\nthree\rend "quoted" 猫 🎬 --reelgate';
    const { body, contentType } = encodeForm([
      ['prompt', prompt],
      ['a"b\r\nX: y', 'v'],
    ]);
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
    expect([...form.entries()]).toEqual([
      ['prompt', prompt],
      ['a"b\r\nX: y', 'v'],
    ]);
  });

  it('never uses a boundary twice', () => {
    expect(encodeForm([]).contentType).not.toBe(encodeForm([]).contentType);
  });
});
