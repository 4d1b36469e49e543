// What the gateway tells of an operation's statements, while the panel that shows it is open.

export function createExplain() {
  const listeners = new Set();
  let state = { open: false, plans: false, statements: null };
  const change = (part) => {
    state = { ...state, ...part };
    for (const listener of listeners) listener();
  };
  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open: () => change({ open: true }),
    close: () => change({ open: false, statements: null }),
    withPlans: (plans) => change({ plans }),
    show: (statements) => change({ statements }),
    /** The headers that ask for it. */
    headers() {
      if (!state.open) return {};
      return { 'x-graphql-explain': state.plans ? 'plan' : '1' };
    },
  };
}
