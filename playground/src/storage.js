// What the browser keeps for the page. Where it forbids that, the page forgets with its tab.

export const local = usable(() => localStorage);
export const session = usable(() => sessionStorage);

const WITH_HEADERS = new Set(['graphiql:tabState', 'graphiql:queries', 'graphiql:favorites']);

// Where GraphiQL keeps tabs and history: without the headers of requests, which may hold tokens.
export const storage = {
  getItem: (name) => local.getItem(name),
  setItem: (name, value) => local.setItem(name, WITH_HEADERS.has(name) ? withoutHeaders(value) : value),
  removeItem: (name) => local.removeItem(name),
  get length() {
    return ours().length;
  },
  clear: () => ours().forEach((name) => local.removeItem(name)),
};

// To name a storage that is forbidden is an error already.
function usable(open) {
  try {
    const storage = open();
    storage.getItem('');
    return storage;
  } catch {
    return inMemory();
  }
}

function inMemory() {
  const kept = new Map();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
    get length() {
      return kept.size;
    },
    key: (place) => [...kept.keys()][place] ?? null,
  };
}

function ours() {
  const names = Array.from({ length: local.length }, (_, place) => local.key(place));
  return names.filter((name) => name.startsWith('graphiql:'));
}

function withoutHeaders(value) {
  return JSON.stringify(JSON.parse(value), (key, member) => (key === 'headers' ? null : member));
}
