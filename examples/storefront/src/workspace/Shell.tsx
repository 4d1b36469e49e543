import { useEffect, useMemo, useRef } from 'react';
import { Outlet, useLocation } from 'react-router';
import { useQuery } from 'urql';
import type { Workspace } from '../api/workspaces';
import { graphql } from '../gql';
import { ProblemNotice } from '../ui/ProblemNotice';
import { WorkspaceContext } from './context';
import { Navigation } from './Navigation';

const ShellQuery = graphql(`
  query Shell {
    viewer {
      role
      user {
        email
      }
    }
    albums {
      countUpTo(limit: 1) {
        value
      }
    }
    orders(first: 1, orderBy: [{ orderDate: DESC }]) {
      nodes {
        currency
      }
    }
  }
`);

/** What every page of a workspace has: the navigation, and facts about the workspace. */
export function Shell({ workspace: { slug, name } }: { workspace: Workspace }) {
  const [{ data, error, fetching }, reload] = useQuery({ query: ShellQuery });
  const main = useFocusOnNavigation();
  const currency = data?.orders.nodes[0]?.currency ?? 'USD';
  const current = useMemo(() => ({ slug, name, currency }), [slug, name, currency]);
  return (
    <>
      <Navigation slug={slug} hasAlbums={(data?.albums.countUpTo.value ?? 0) > 0} />
      <main id="main" ref={main} tabIndex={-1}>
        {error && <ProblemNotice error={error} retry={reload} fetching={fetching} />}
        {data && (
          <WorkspaceContext value={current}>
            <Outlet />
          </WorkspaceContext>
        )}
      </main>
      <footer>
        {data?.viewer?.user && `Signed in as ${data.viewer.user.email} (${data.viewer.role.toLowerCase()})`}
      </footer>
    </>
  );
}

/** Moves the focus to the new page, as a browser does when it loads one. */
function useFocusOnNavigation() {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current !== pathname) main.current?.focus({ preventScroll: true });
    shown.current = pathname;
  }, [pathname]);
  return main;
}
