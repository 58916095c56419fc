import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
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
  files: [],
  characterIds: [],
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

describe('the other operations', () => {
  const source = { id: 'video_up' };
  const [prompt, model, seconds] = [
    ['prompt', job.prompt],
    ['model', 'wan-2.2'],
    ['seconds', '8'],
  ];

  it('name their source by its id, which tells the model too', () => {
    expect(formFields({ ...job, operation: 'remix', source })).toEqual([prompt]);
    expect(formFields({ ...job, operation: 'edit', source })).toEqual([prompt, ['video[id]', 'video_up']]);
    expect(formFields({ ...job, operation: 'extend', source })).toEqual([
      prompt,
      seconds,
      ['video[id]', 'video_up'],
    ]);
  });

  it('name the model where the source is a file', () => {
    expect(formFields({ ...job, operation: 'edit' })).toEqual([prompt, model]);
    expect(formFields({ ...job, operation: 'extend' })).toEqual([prompt, seconds, model]);
  });

  it('spell references and characters as the SDKs do', () => {
    const fields = formFields({
      ...job,
      reference: { imageUrl: 'https://x.example/a.png' },
      characterIds: ['char_1', 'char_2'],
    });
    expect(fields.slice(4)).toEqual([
      ['input_reference[image_url]', 'https://x.example/a.png'],
      ['characters[][id]', 'char_1'],
      ['characters[][id]', 'char_2'],
    ]);
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
    const { body, contentType } = await encodeForm([
      ['prompt', prompt],
      ['a"b\r\nX: y', 'v'],
    ]);
    const form = await new Response(body as Buffer<ArrayBuffer>, {
      headers: { 'content-type': contentType },
    }).formData();
    expect([...form.entries()]).toEqual([
      ['prompt', prompt],
      ['a"b\r\nX: y', 'v'],
    ]);
  });

  it.each([1_000, 40 * 1024 * 1024])(
    'carries a file of %d bytes, its length announced to the byte',
    async (bytes) => {
      const content = Buffer.alloc(bytes, 7);
      const form = await encodeForm(
        [['prompt', 'p']],
        [
          {
            field: 'video',
            fileName: 'source.mp4',
            contentType: 'video/mp4',
            bytes,
            open: async () => Readable.from([content]),
          },
        ],
      );
      const whole = Buffer.isBuffer(form.body) ? form.body : await buffer(form.body);
      expect(whole.length).toBe(form.contentLength);
      const parsed = await new Response(whole as Buffer<ArrayBuffer>, {
        headers: { 'content-type': form.contentType },
      }).formData();
      const file = parsed.get('video') as File;
      expect([file.name, file.type, file.size]).toEqual(['source.mp4', 'video/mp4', bytes]);
      expect(Buffer.from(await file.arrayBuffer()).equals(content)).toBe(true);
    },
  );

  it('never uses a boundary twice', async () => {
    expect((await encodeForm([])).contentType).not.toBe((await encodeForm([])).contentType);
  });
});
