import { Link, useSearchParams } from 'react-router';
import { type FragmentType, getFragmentData, graphql } from '../gql';

export const PagerFragment = graphql(`
  fragment Pager on PageInfo {
    hasPreviousPage
    hasNextPage
    startCursor
    endCursor
  }
`);

interface Props {
  pageInfo: FragmentType<typeof PagerFragment>;
  /** Groups have no argument `before`, so the way back is to the first page. */
  forwardOnly?: boolean;
}

/** Links to the pages before and after. The cursor is part of the address, so going back and reloading work. */
export function Pager({ pageInfo, forwardOnly = false }: Props) {
  const { hasPreviousPage, hasNextPage, startCursor, endCursor } = getFragmentData(PagerFragment, pageInfo);
  if (!hasPreviousPage && !hasNextPage) return null;
  return (
    <nav className="pager" aria-label="Pages">
      {forwardOnly ? (
        <Step label="First" page={hasPreviousPage ? {} : null} />
      ) : (
        <Step label="Previous" page={hasPreviousPage && startCursor ? { before: startCursor } : null} />
      )}
      <Step label="Next" page={hasNextPage && endCursor ? { after: endCursor } : null} />
    </nav>
  );
}

function Step({ label, page }: { label: string; page: Record<string, string> | null }) {
  const [params] = useSearchParams();
  if (!page) return <span aria-disabled="true">{label}</span>;
  const { after, before, ...filters } = Object.fromEntries(params);
  return <Link to={`?${new URLSearchParams({ ...filters, ...page })}`}>{label}</Link>;
}
