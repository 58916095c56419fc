/** The first thing that somebody does with a new key, ready to run. */
export function snippets(secret: string): readonly { readonly name: string; readonly code: string }[] {
  const baseUrl = `${window.location.origin}/v1`;
  return [
    {
      name: 'curl',
      code: `curl ${baseUrl}/videos \\
  -H "Authorization: Bearer ${secret}" \\
  -F model=sora-2 -F seconds=4 -F prompt='A red balloon over a lake'`,
    },
    {
      name: 'TypeScript',
      code: `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${baseUrl}', apiKey: '${secret}' });
const video = await client.videos.create({ model: 'sora-2', prompt: 'A red balloon over a lake', seconds: '4' });`,
    },
    {
      name: 'Python',
      code: `from openai import OpenAI

client = OpenAI(base_url="${baseUrl}", api_key="${secret}")
video = client.videos.create_and_poll(model="sora-2", prompt="A red balloon over a lake", seconds="4")`,
    },
    { name: 'Environment', code: `OPENAI_BASE_URL=${baseUrl}\nOPENAI_API_KEY=${secret}` },
  ];
}
