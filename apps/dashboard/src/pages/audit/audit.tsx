import { EmptyState } from '../../ui/feedback.tsx';
import { PageHeader, Panel } from '../../ui/panel.tsx';

export default function Audit() {
  return (
    <>
      <PageHeader title="Audit" />
      <Panel>
        <EmptyState title="This page is being built" code={`curl ${location.origin}/admin/v1/audit`}>
          Until then the API answers.
        </EmptyState>
      </Panel>
    </>
  );
}
