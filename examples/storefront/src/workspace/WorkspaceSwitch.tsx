import { useNavigate } from 'react-router';
import type { Workspace } from '../api/workspaces';

interface Props {
  slug: string;
  workspaces: Workspace[];
}

export function WorkspaceSwitch({ slug, workspaces }: Props) {
  const navigate = useNavigate();
  return (
    <label className="switch">
      <span>Workspace</span>
      <select value={slug} onChange={(event) => void navigate(`/${event.target.value}`)}>
        {workspaces.map((workspace) => (
          <option key={workspace.slug} value={workspace.slug}>
            {workspace.name}
          </option>
        ))}
      </select>
    </label>
  );
}
