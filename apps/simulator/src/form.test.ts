import { expect, it } from 'vitest';
import { type Fields, setText, TextPart } from './form.ts';

function formOf(...texts: readonly (readonly [name: string, text: string])[]): Fields {
  const fields: Fields = {};
  for (const [name, text] of texts) setText(fields, name, text);
  return fields;
}

it('reads keys of objects, and of the objects in a list', () => {
  expect(formOf(['prompt', 'x'], ['video[id]', 'video_1'])).toEqual({
    prompt: 'x',
    video: { id: 'video_1' },
  });
  expect(formOf(['characters[][id]', 'a'], ['characters[][id]', 'b'])).toEqual({
    characters: [{ id: 'a' }, { id: 'b' }],
  });
  expect(formOf(['characters[0][id]', 'a'], ['characters[0][x]', '1'], ['characters[1][id]', 'b'])).toEqual({
    characters: [{ id: 'a', x: '1' }, { id: 'b' }],
  });
});

it('marks a text where a file belongs', () => {
  expect(formOf(['video', 'bytes']).video).toBeInstanceOf(TextPart);
});

it('does not reach beyond the fields', () => {
  formOf(['__proto__[polluted]', 'x'], ['constructor[polluted]', 'x'], ['__proto__[][polluted]', 'x']);
  expect({}).not.toHaveProperty('polluted');
  expect(Object).not.toHaveProperty('polluted');
});
