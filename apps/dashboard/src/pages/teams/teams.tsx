import { EmptyState } from '../../ui/feedback.tsx';
import { PageHeader, Panel } from '../../ui/panel.tsx';

export default function Teams() {
  return (
    <>
      <PageHeader title="Teams and quotas" />
      <Panel>
        <EmptyState title="This page is being built" code={`npm run reelgate -- team create films`}>
          Until then the command line does it.
        </EmptyState>
      </Panel>
    </>
  );
}
