import { EmptyState } from '../../ui/feedback.tsx';
import { PageHeader, Panel } from '../../ui/panel.tsx';

export default function WebhookPage() {
  return (
    <>
      <PageHeader title="Webhook endpoint" />
      <Panel>
        <EmptyState
          title="This page is being built"
          code={`npm run reelgate -- webhook create --team films --url https://films.example.com/hooks`}
        >
          Until then the command line does it.
        </EmptyState>
      </Panel>
    </>
  );
}
