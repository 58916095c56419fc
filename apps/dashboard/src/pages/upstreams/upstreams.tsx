import { EmptyState } from '../../ui/feedback.tsx';
import { PageHeader, Panel } from '../../ui/panel.tsx';

export default function Upstreams() {
  return (
    <>
      <PageHeader title="Upstreams and prices" />
      <Panel>
        <EmptyState title="This page is being built" code={`cat infra/reelgate.yaml`}>
          Until then the configuration file tells.
        </EmptyState>
      </Panel>
    </>
  );
}
