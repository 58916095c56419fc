import { EmptyState } from '../../ui/feedback.tsx';
import { PageHeader, Panel } from '../../ui/panel.tsx';

export default function VideoPage() {
  return (
    <>
      <PageHeader title="Video" />
      <Panel>
        <EmptyState
          title="This page is being built"
          code={`curl ${location.origin}/v1/videos/$ID -H 'Authorization: Bearer $KEY'`}
        >
          Until then the API answers.
        </EmptyState>
      </Panel>
    </>
  );
}
