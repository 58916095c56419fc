import { EmptyState } from '../../ui/feedback.tsx';
import { PageHeader, Panel } from '../../ui/panel.tsx';

export default function Videos() {
  return (
    <>
      <PageHeader title="Videos" />
      <Panel>
        <EmptyState
          title="This page is being built"
          code={`curl ${location.origin}/v1/videos -H 'Authorization: Bearer $KEY'`}
        >
          Until then the API answers.
        </EmptyState>
      </Panel>
    </>
  );
}
