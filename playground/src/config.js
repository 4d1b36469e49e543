// What the gateway tells the page about itself: the endpoint, the demonstration workspaces and the example queries.

export async function loadConfig() {
  const response = await fetch(new URL('playground/config.json', document.baseURI), { cache: 'no-store' });
  if (!response.ok) throw new Error(`The gateway answered ${response.status} to the playground's request for its settings.`);
  const { development = false, endpoint = '/graphql', workspaces = [], examples = [] } = await response.json();
  return { development, endpoint: new URL(endpoint, document.baseURI), workspaces, examples };
}
