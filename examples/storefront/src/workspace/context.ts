import { createContext, useContext } from 'react';

export interface CurrentWorkspace {
  slug: string;
  name: string;
  /** The model has no currency for prices and totals of products; it is that of the workspace's orders. */
  currency: string;
}

export const WorkspaceContext = createContext<CurrentWorkspace | undefined>(undefined);

export function useWorkspace(): CurrentWorkspace {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error('useWorkspace() is only available below a Shell');
  return workspace;
}
