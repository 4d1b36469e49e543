// What the gateway tells the page about itself: the endpoint, the demonstration workspaces and the example queries.

export async function loadConfig() {
  const response = await fetch(new URL('playground/config.json', document.baseURI), { cache: 'no-store' });
  if (!response.ok) throw new Error(`The gateway answered ${response.status} to the playground's request for its settings.`);
  const settings = await response.json();
  const { development = false, introspection = true, endpoint = '/graphql', workspaces = [], examples = [] } = settings;
  return { development, introspection, endpoint: new URL(endpoint, document.baseURI), workspaces, examples };
}
