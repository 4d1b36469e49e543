import { useMemo } from 'react';
import { Link, ScrollRestoration, useParams } from 'react-router';
import { Provider } from 'urql';
import { createClient } from '../api/client';
import type { Workspace } from '../api/workspaces';
import { Shell } from './Shell';
import { WorkspaceSwitch } from './WorkspaceSwitch';

/** The workspace in the address, with a client of its own. */
export function WorkspaceRoute({ workspaces }: { workspaces: Workspace[] }) {
  const { workspace: slug } = useParams();
  const workspace = workspaces.find((candidate) => candidate.slug === slug);
  const client = useMemo(() => workspace && createClient(workspace), [workspace]);
  if (!workspace || !client) return <UnknownWorkspace workspaces={workspaces} />;
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header>
        <p className="brand">Storefront</p>
        <WorkspaceSwitch slug={workspace.slug} workspaces={workspaces} />
      </header>
      {/* With the key, nothing that is shown of one workspace stays for another. */}
      <Provider value={client} key={workspace.slug}>
        <Shell workspace={workspace} />
      </Provider>
      <ScrollRestoration />
    </>
  );
}

function UnknownWorkspace({ workspaces }: { workspaces: Workspace[] }) {
  return (
    <main>
      <h1>No such workspace</h1>
      <ul>
        {workspaces.map(({ slug, name }) => (
          <li key={slug}>
            <Link to={`/${slug}`}>{name}</Link>
          </li>
        ))}
      </ul>
    </main>
  );
}
