// Chooses among the demonstration workspaces.
import { useIdentity } from './session.js';

export function WorkspaceSwitch({ workspaces, session, onSwitch }) {
  const { slug } = useIdentity(session);
  const position = workspaces.findIndex((workspace) => workspace.slug === slug);

  return (
    <div className="field" data-colour={position % 4}>
      <label htmlFor="workspace">Workspace</label>
      <select id="workspace" value={slug} onChange={(event) => onSwitch(event.target.value)}>
        {workspaces.map((workspace) => (
          <option key={workspace.slug} value={workspace.slug}>
            {workspace.name}
          </option>
        ))}
      </select>
    </div>
  );
}
