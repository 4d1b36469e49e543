// Who the page acts as: one of the demonstration workspaces, or the bearer of a token that a user has pasted.
//
// Tokens live in memory, a pasted one also in sessionStorage, which ends with the browser tab. Nothing here writes a
// token to localStorage, and `storage.js` keeps out those that a user types as a header.
import { useSyncExternalStore } from 'react';
import { loadConfig } from './config.js';
import { local, session } from './storage.js';

const CHOSEN = 'tessera:workspace';
const PASTED = 'tessera:bearer';

export function createSession({ workspaces }) {
  let known = workspaces;
  let identity = known.length > 0 ? ofWorkspace(remember(local, CHOSEN) ?? '') : ofBearer(restoreBearer());
  const listeners = new Set();

  function ofWorkspace(slug) {
    const { name, slug: found, token } = known.find((workspace) => workspace.slug === slug) ?? known[0];
    return { slug: found, name, token, header: '' };
  }

  function become(next) {
    identity = next;
    for (const listener of listeners) listener();
  }

  return {
    get: () => identity,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    switchTo(slug) {
      remember(local, CHOSEN, slug);
      become(ofWorkspace(slug));
    },

    actWith(bearer) {
      remember(session, PASTED, bearer.token ? JSON.stringify(bearer) : '');
      become(ofBearer(bearer));
    },

    // A restarted gateway signs with another key, so a page left open asks once for tokens that it accepts.
    async renew() {
      if (known.length === 0) return false;
      const before = identity.token;
      const { workspaces: current } = await loadConfig();
      if (current.length === 0) return false;
      known = current;
      const next = ofWorkspace(identity.slug);
      if (next.slug !== identity.slug || next.token === before) return false;
      become(next);
      return true;
    },
  };
}

export function useIdentity(session) {
  return useSyncExternalStore(session.subscribe, session.get);
}

// The headers that make a request this identity's request.
export function headersOf({ token, header }) {
  return {
    ...(token && { authorization: `Bearer ${token}` }),
    ...(header && { 'x-workspace': header }),
  };
}

function ofBearer({ token, workspace }) {
  return { slug: workspace, name: workspace || 'the workspace of your token', token, header: workspace };
}

function restoreBearer() {
  try {
    const { token = '', workspace = '' } = JSON.parse(remember(session, PASTED) || '{}');
    return { token, workspace };
  } catch {
    return { token: '', workspace: '' };
  }
}

// A storage may be full; the page then simply forgets.
function remember(storage, key, value) {
  try {
    if (value === undefined) return storage.getItem(key);
    if (value === '') storage.removeItem(key);
    else storage.setItem(key, value);
  } catch {
    return null;
  }
  return value;
}
