// Where GraphiQL keeps tabs and history: in localStorage, but without the headers of requests, which may hold tokens.

const WITH_HEADERS = new Set(['graphiql:tabState', 'graphiql:queries', 'graphiql:favorites']);

export const storage = {
  getItem: (name) => localStorage.getItem(name),
  setItem: (name, value) => localStorage.setItem(name, WITH_HEADERS.has(name) ? withoutHeaders(value) : value),
  removeItem: (name) => localStorage.removeItem(name),
  get length() {
    return ours().length;
  },
  clear: () => ours().forEach((name) => localStorage.removeItem(name)),
};

function ours() {
  return Object.keys(localStorage).filter((name) => name.startsWith('graphiql:'));
}

function withoutHeaders(value) {
  return JSON.stringify(JSON.parse(value), (key, member) => (key === 'headers' ? null : member));
}
