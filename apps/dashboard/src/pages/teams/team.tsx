import { EmptyState } from '../../ui/feedback.tsx';
import { PageHeader, Panel } from '../../ui/panel.tsx';

export default function TeamPage() {
  return (
    <>
      <PageHeader title="Team" />
      <Panel>
        <EmptyState
          title="This page is being built"
          code={`npm run reelgate -- quota set --team films --metric cost --window month --hard 250`}
        >
          Until then the command line does it.
        </EmptyState>
      </Panel>
    </>
  );
}
