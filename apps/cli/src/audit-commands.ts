import { verifyAudit } from '@reelgate/core';
import type { CommandLine } from './command-line.ts';

/** `audit verify`. */
export function addAuditCommands({ deployment, print, group, leaf }: CommandLine): void {
  leaf(group('audit', 'who changed what'), 'verify', 'work out the chain of the audit log again')
    .option('--head <hash>', 'the last hash of before: tells whether anything after it was cut off')
    .action(async ({ head }: { head?: string }) => {
      const verdict = await verifyAudit({ db: deployment.database() }, head);
      const broken = verdict.broken.map(({ id, why }) =>
        why === 'changed'
          ? `Entry ${id} was changed.`
          : `What was before entry ${id} is gone or was changed.`,
      );
      if (!verdict.hasHead) broken.push(`No entry has the hash ${head}: the end of the log was cut off.`);
      const intact = `All ${verdict.entries} entries follow on each other. The last hash: ${verdict.head ?? 'none'}`;
      print({
        human: broken.length === 0 ? intact : broken.join('\n'),
        machine: verdict,
      });
      if (broken.length > 0) throw new Error('The audit log is not what it was.');
    });
}
