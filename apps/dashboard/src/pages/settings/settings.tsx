import { EmptyState } from '../../ui/feedback.tsx';
import { PageHeader, Panel } from '../../ui/panel.tsx';

export default function SettingsPage() {
  return (
    <>
      <PageHeader title="Settings" />
      <Panel>
        <EmptyState title="This page is being built" code={`npm run reelgate -- user create jo@example.com`}>
          Until then the command line does it.
        </EmptyState>
      </Panel>
    </>
  );
}
