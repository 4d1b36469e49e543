export interface Workspace {
  slug: string;
  name: string;
  token: string;
}

/**
 * Fetches a token for each workspace. A gateway in development mode gives them to pages on the same machine.
 * In production, replace this function by one that asks your identity provider.
 */
export async function loadWorkspaces(): Promise<Workspace[]> {
  const response = await fetch('/playground/config.json', { cache: 'no-store' });
  if (!response.ok) {
    const reason = await response.text();
    throw new Error(reason || 'The gateway does not respond. Start it, or set TESSERA_URL to its address.');
  }
  const { workspaces } = (await response.json()) as { workspaces: Workspace[] };
  if (workspaces.length === 0) {
    throw new Error(
      'The gateway has no tokens for this app. Start it in development mode, or replace loadWorkspaces().',
    );
  }
  return workspaces;
}
