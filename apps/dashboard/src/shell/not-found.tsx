import { Link } from '@tanstack/react-router';
import { buttonClass } from '../ui/button.tsx';
import { EmptyState } from '../ui/feedback.tsx';

export function NotFound() {
  return (
    <EmptyState
      title="There is no such page"
      action={
        <Link to="/" className={buttonClass('secondary')}>
          To the overview
        </Link>
      }
    />
  );
}
