import { clsx } from 'clsx';

type Facts = Readonly<Record<string, unknown>> | null;

function spell(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 1);
}

/** What was there and what is there now, field by field; what changed stands out. */
export function Difference({ before, after }: { before: Facts; after: Facts }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  if (names.length === 0) return <p className="text-ink-faint text-sm">No fields.</p>;
  return (
    <div className="overflow-x-auto rounded-md border">
      <table aria-label="Before and after" className="w-full text-xs">
        <thead>
          <tr className="border-b text-left text-ink-faint">
            <th scope="col" className="px-3 py-1.5 font-medium">
              Field
            </th>
            <th scope="col" className="px-3 py-1.5 font-medium">
              Before
            </th>
            <th scope="col" className="px-3 py-1.5 font-medium">
              After
            </th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => {
            const [was, is] = [spell(before?.[name]), spell(after?.[name])];
            const isChanged = was !== is;
            return (
              <tr key={name} className="border-b align-top last:border-b-0">
                <th scope="row" className="whitespace-nowrap px-3 py-1.5 text-left font-medium">
                  {name}
                </th>
                <td
                  className={clsx(
                    'break-all px-3 py-1.5 font-mono',
                    isChanged && was && 'bg-bad-soft text-bad',
                  )}
                >
                  {isChanged && was ? <del className="no-underline">{was}</del> : was}
                </td>
                <td
                  className={clsx(
                    'break-all px-3 py-1.5 font-mono',
                    isChanged && is && 'bg-good-soft text-good',
                  )}
                >
                  {isChanged && is ? <ins className="no-underline">{is}</ins> : is}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
