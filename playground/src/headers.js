// The headers of a request: those of the page and of its identity, and over them those that the user has typed.
import { headersOf } from './session.js';

const OF_IDENTITY = ['authorization', 'x-workspace'];

/** `typed` is what the headers editor holds: an object, in which `null` takes a header of the page away. */
export function requestHeaders(identity, wanted, typed) {
  const headers = new Headers({
    accept: 'application/graphql-response+json, application/json;q=0.9',
    'content-type': 'application/json',
    ...wanted,
    ...headersOf(identity),
  });
  for (const [name, value] of entries(typed)) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return headers;
}

/** Whether the user has typed this header. */
export function isTyped(typed, name) {
  return entries(typed).some(([known]) => known.toLowerCase() === name);
}

/** Whether the typed headers decide whose rows the response has. */
export function changeIdentity(typed) {
  return OF_IDENTITY.some((name) => isTyped(typed, name));
}

function entries(typed = {}) {
  const found = Object.entries(typed);
  if (found.some(([, value]) => typeof value === 'object' && value !== null)) {
    throw new TypeError('The headers must be a JSON object of strings, such as { "X-Request-Id": "1" }.');
  }
  return found;
}
