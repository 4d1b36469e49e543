// Sends the operations of the page to the gateway.
//
// An answer is handed over as an observable, because that is what GraphiQL can stop: the Stop button, a change of tab
// and above all a change of workspace abort the request, and a late answer reaches nobody.
import { headersOf } from './session.js';

export function createFetcher(endpoint, session, explain, report) {
  return (params) => ({
    subscribe(sink) {
      const controller = new AbortController();
      let open = true;
      const started = performance.now();
      const asksSchema = params.operationName === 'IntrospectionQuery';
      const wanted = asksSchema ? {} : explain.headers();
      send(endpoint, session, wanted, params, controller.signal).then(
        ({ status, text, result }) => {
          if (!open) return;
          if (!asksSchema) {
            explain.show(result.extensions?.explain ?? null);
            report({ status, milliseconds: performance.now() - started, bytes: new Blob([text]).size });
          }
          sink.next(withoutExplanation(result));
          sink.complete();
        },
        ({ message }) => {
          if (open) sink.error({ message });
        },
      );
      return {
        unsubscribe() {
          open = false;
          controller.abort();
        },
      };
    },
  });
}

/** The result as it is without the panel, which shows the explanation. */
function withoutExplanation(result) {
  if (!result.extensions?.explain) return result;
  const { explain: _, ...others } = result.extensions;
  const { extensions, ...rest } = result;
  return Object.keys(others).length > 0 ? { ...rest, extensions: others } : rest;
}

async function send(endpoint, session, wanted, params, signal) {
  let response = await post(endpoint, session, wanted, params, signal);
  if (response.status === 401 && (await session.renew())) {
    response = await post(endpoint, session, wanted, params, signal);
  }
  const text = await response.text();
  try {
    return { status: response.status, text, result: JSON.parse(text) };
  } catch {
    const excerpt = text.trim().slice(0, 200) || 'an empty body';
    throw new Error(`The gateway answered ${response.status} with something that is not JSON: ${excerpt}`);
  }
}

async function post(endpoint, session, wanted, params, signal) {
  try {
    return await fetch(endpoint, {
      method: 'POST',
      headers: {
        accept: 'application/graphql-response+json, application/json;q=0.9',
        'content-type': 'application/json',
        ...wanted,
        ...headersOf(session.get()),
      },
      body: JSON.stringify(params),
      signal,
    });
  } catch (error) {
    throw new Error(`${endpoint} cannot be reached (${error.message}). Is the gateway still running?`);
  }
}
