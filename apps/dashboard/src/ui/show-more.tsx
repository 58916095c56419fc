import { Button } from './button.tsx';

/** Below a list that goes on. */
export function ShowMore({
  list: { hasMore, isFetching, loadMore },
}: {
  list: { readonly hasMore: boolean; readonly isFetching: boolean; readonly loadMore: () => void };
}) {
  if (!hasMore) return null;
  return (
    <div className="border-t p-2 text-center">
      <Button small onClick={loadMore} busy={isFetching}>
        Show more
      </Button>
    </div>
  );
}
