import { EmptyState } from '../../ui/feedback.tsx';
import { PageHeader, Panel } from '../../ui/panel.tsx';

export default function Keys() {
  return (
    <>
      <PageHeader title="Keys" />
      <Panel>
        <EmptyState title="This page is being built" code={`npm run reelgate -- key create --team films`}>
          Until then the command line does it.
        </EmptyState>
      </Panel>
    </>
  );
}
