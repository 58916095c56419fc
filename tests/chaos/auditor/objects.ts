import type { Evidence, Finding, Section } from './evidence.ts';

/** I8: every stored object is referred to, or so young that the clean-up has not come by. */
export async function checkObjects(evidence: Evidence): Promise<Section> {
  const { rows } = await evidence.database.query<{ key: string }>(
    `select object_key as key from assets where state = 'stored'
     union select i ->> 'objectKey' from videos v cross join lateral jsonb_array_elements(v.inputs) i
      where i ->> 'kind' in ('upload', 'archived_source') and v.state <> 'purged'`,
  );
  const referred = new Set(rows.map((row) => row.key));
  const objects = await evidence.objects.list();
  const loose = objects.filter(({ key }) => !referred.has(key));
  const old = loose.filter(({ modifiedAt }) => Date.now() - modifiedAt.getTime() > evidence.objectGraceMs);
  return {
    findings: old.map(({ key }): Finding => ({ invariant: 'I8', id: key, what: 'no row refers to it' })),
    counts: {
      objects: objects.length,
      'objects unreferenced': old.length,
      'objects that wait for the clean-up': loose.length - old.length,
    },
  };
}
