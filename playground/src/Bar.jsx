// The bar at the top: brand, identity, examples, and whether the schema has been read.
import { ExamplesMenu } from './ExamplesMenu.jsx';
import { SchemaStatus } from './SchemaStatus.jsx';
import { TokenForm } from './TokenForm.jsx';
import { useClearResults } from './useClearResults.js';
import { useEditorLook } from './useEditorLook.js';
import { WorkspaceSwitch } from './WorkspaceSwitch.jsx';

export function Bar({ config, session, onSwitch }) {
  const clearResults = useClearResults();
  useEditorLook();

  // First the rows go, then the identity changes: at no moment does one stand beside the other.
  function actAs(change) {
    clearResults();
    onSwitch();
    change();
  }

  return (
    <header className="bar">
      <h1>
        <Mark />
        Tessera
      </h1>
      {config.workspaces.length > 0 ? (
        <WorkspaceSwitch
          workspaces={config.workspaces}
          session={session}
          onSwitch={(slug) => actAs(() => session.switchTo(slug))}
        />
      ) : (
        <TokenForm session={session} onSubmit={(bearer) => actAs(() => session.actWith(bearer))} />
      )}
      {config.examples.length > 0 && (
        <ExamplesMenu
          examples={config.examples}
          workspaces={config.workspaces}
          session={session}
          onSwitch={(slug) => actAs(() => session.switchTo(slug))}
        />
      )}
      <SchemaStatus config={config} session={session} />
    </header>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <rect width="16" height="16" rx="3.5" fill="#1f2a44" />
      <path d="M3 3h4.5v4.5H3z" fill="#f2b84b" />
      <path d="M8.5 3H13v4.5H8.5z" fill="#4fb0c6" />
      <path d="M3 8.5h4.5V13H3z" fill="#e4572e" />
      <path d="M8.5 8.5H13V13H8.5z" fill="#f4f1e8" />
    </svg>
  );
}
