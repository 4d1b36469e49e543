import { authExchange } from '@urql/exchange-auth';
import { cacheExchange, Client, type CombinedError, fetchExchange } from 'urql';
import { documentIdExchange } from './documentIdExchange';
import { fetchDocument } from './fetchDocument';
import { loadWorkspaces, type Workspace } from './workspaces';

/** Each workspace has a client of its own, so that rows of one never appear from the cache in another. */
export function createClient(workspace: Workspace): Client {
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    fetch: fetchDocument,
    exchanges: [cacheExchange, authenticate(workspace), documentIdExchange, fetchExchange],
  });
}

/** Sends the token, and fetches a new one when the gateway no longer accepts it. */
function authenticate({ slug, token }: Workspace) {
  return authExchange(async ({ appendHeaders }) => ({
    addAuthToOperation: (operation) => appendHeaders(operation, { authorization: `Bearer ${token}` }),
    didAuthError: (error: CombinedError) =>
      error.graphQLErrors.some(({ extensions }) => extensions.code === 'UNAUTHENTICATED'),
    async refreshAuth() {
      const workspaces = await loadWorkspaces();
      token = workspaces.find((workspace) => workspace.slug === slug)?.token ?? token;
    },
  }));
}
