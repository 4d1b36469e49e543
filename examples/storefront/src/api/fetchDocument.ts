/** Set once the gateway turns out to run without the manifest. */
let texts: Record<string, string> | undefined;

/**
 * Fetches with ids only, if the gateway was started with the manifest (`--documents`). A gateway without it does not
 * know the ids. Then the app loads the manifest itself and sends texts, so that a changed query needs no restart of the
 * gateway during development.
 */
export async function fetchDocument(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  if (!texts) {
    const response = await fetch(input, init);
    if (!(await isUnknownDocument(response))) return response;
    texts = (await import('../gql/persisted-documents.json')).default;
  }
  const { documentId, ...request } = JSON.parse(String(init.body)) as { documentId: string };
  return fetch(input, { ...init, body: JSON.stringify({ ...request, query: texts[documentId] }) });
}

async function isUnknownDocument(response: Response): Promise<boolean> {
  if (response.status !== 422) return false;
  const { errors = [] } = (await response.clone().json()) as { errors?: { extensions: { code: string } }[] };
  return errors.some(({ extensions }) => extensions.code.startsWith('PERSISTED_QUERY_NOT_'));
}
