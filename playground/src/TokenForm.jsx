// Where the gateway hands out no tokens, users paste their own.
import { useState } from 'react';
import { useIdentity } from './session.js';

export function TokenForm({ session, onSubmit }) {
  const identity = useIdentity(session);
  const [token, setToken] = useState(identity.token);
  const [workspace, setWorkspace] = useState(identity.slug);
  const applied = identity.token !== '' && token === identity.token && workspace === identity.slug;

  function submit(event) {
    event.preventDefault();
    // Pasted from a header or a shell, a token often brings its scheme and a line end along.
    const bare = token.trim().replace(/^Bearer\s+/i, '');
    setToken(bare);
    setWorkspace(workspace.trim());
    onSubmit({ token: bare, workspace: workspace.trim() });
  }

  function forget() {
    setToken('');
    setWorkspace('');
    onSubmit({ token: '', workspace: '' });
  }

  return (
    <form className="field" onSubmit={submit} autoComplete="off">
      <label htmlFor="token">Bearer token</label>
      <input
        id="token"
        type="password"
        autoComplete="off"
        spellCheck="false"
        placeholder="Paste a JWT"
        value={token}
        onChange={(event) => setToken(event.target.value)}
      />
      <label htmlFor="workspace">X-Workspace</label>
      <input
        id="workspace"
        autoComplete="off"
        spellCheck="false"
        placeholder="optional"
        value={workspace}
        onChange={(event) => setWorkspace(event.target.value)}
      />
      <button type="submit" disabled={applied || token.trim() === ''}>
        {applied ? 'In use' : 'Use'}
      </button>
      {identity.token !== '' && (
        <button type="button" onClick={forget}>
          Forget
        </button>
      )}
    </form>
  );
}
