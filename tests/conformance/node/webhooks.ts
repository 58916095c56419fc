/** What the SDK says of each webhook of a list: accepted or refused. Prints both as JSON. */
import { readFile } from 'node:fs/promises';
import { createClient } from './client.ts';

interface Case {
  readonly body: string;
  readonly headers: Record<string, string>;
  readonly secret: string;
}

const client = createClient();
const cases = JSON.parse(await readFile(process.env.WEBHOOKS ?? '', 'utf8')) as Case[];
const verdicts = cases.map(({ body, headers, secret }) =>
  client.webhooks.unwrap(body, headers, secret).then(
    (event) => {
      const { type, data } = event as { type: string; data: { id: string } };
      return `accepted ${type} ${data.id}`;
    },
    () => 'refused',
  ),
);
console.log(JSON.stringify(await Promise.all(verdicts)));
