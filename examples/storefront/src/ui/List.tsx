import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { CombinedError } from 'urql';
import type { FragmentType } from '../gql';
import { formatCount } from './format';
import { Pager, type PagerFragment } from './Pager';
import { ProblemNotice } from './ProblemNotice';

interface Props {
  /** Undefined until it is loaded. */
  connection: Connection | undefined;
  error: CombinedError | undefined;
  fetching: boolean;
  reload: (options: { requestPolicy: 'network-only' }) => void;
  /** What the rows are, in singular and plural. */
  nouns: [string, string];
  /** What the list is searched for, if it is. */
  text?: string;
  /** Whether the list has no pages backwards. */
  forwardOnly?: boolean;
  /** The table of the rows. */
  children: ReactNode;
}

interface Connection {
  totalCount: number;
  edges?: readonly unknown[];
  nodes?: readonly unknown[];
  pageInfo: FragmentType<typeof PagerFragment>;
}

/** A page of a list in any of its states: loading, failed, empty, or with rows. */
export function List({ connection, error, fetching, reload, nouns: [one, many], text, forwardOnly, children }: Props) {
  if (error) return <ProblemNotice error={error} retry={reload} fetching={fetching} />;
  const total = connection?.totalCount ?? 0;
  const count = `${formatCount(total)} ${total === 1 ? one : many}`;
  const rows = (connection?.edges ?? connection?.nodes ?? []).length;
  return (
    <div aria-busy={fetching}>
      <p role="status" className="count">
        {connection ? count : 'Loading …'}
      </p>
      {rows > 0 && children}
      {connection && rows === 0 && (
        <p className="empty">
          {text ? `Nothing matches “${text}”. Check the spelling, or try fewer or other words.` : 'Nothing matches.'}{' '}
          <Link to="?">Show all {many}</Link>
        </p>
      )}
      {connection && rows > 0 && <Pager pageInfo={connection.pageInfo} forwardOnly={forwardOnly} />}
    </div>
  );
}
