// Sends the operations of the page to the gateway.
//
// An answer is handed over as an observable, because that is what GraphiQL can stop: the Stop button, a change of tab
// and above all a change of workspace abort the request, and a late answer reaches nobody.
import { Kind, parse } from 'graphql';
import { changeIdentity, isTyped, requestHeaders } from './headers.js';

// What the page asks the gateway to tell, by the header that asks for it.
const TOLD = { 'x-graphql-cost': 'cost', 'x-graphql-explain': 'explain' };

export function createFetcher(endpoint, session, explain, report) {
  return (params, { headers: typed } = {}) => ({
    subscribe(sink) {
      const controller = new AbortController();
      let open = true;
      const started = performance.now();
      const asksSchema = params.operationName === 'IntrospectionQuery';
      const wanted = asksSchema ? {} : { 'x-graphql-cost': '1', ...explain.headers() };
      const body = JSON.stringify(withItsName(params));
      // It is asynchronous, so that typed headers that cannot be sent fail like a request.
      let sent = false;
      const attempt = async () => {
        const headers = requestHeaders(session.get(), wanted, typed);
        sent = true;
        return post(endpoint, { body, headers, signal: controller.signal });
      };
      send(attempt, session).then(
        ({ status, text, result }) => {
          if (!open) return;
          const shown = without(result, Object.keys(wanted).filter((name) => !isTyped(typed, name)));
          if (!asksSchema) {
            explain.show(result.extensions?.explain ?? null);
            report({
              status,
              milliseconds: performance.now() - started,
              // What the page asked for itself is no part of what the query takes.
              bytes: new Blob([shown === result ? text : JSON.stringify(shown)]).size,
              cost: result.extensions?.cost,
              identityIsTyped: changeIdentity(typed),
            });
          }
          sink.next(shown);
          sink.complete();
        },
        ({ message }) => {
          if (!open) return;
          if (!asksSchema) {
            explain.show(null);
            report({ failure: sent ? 'No response' : 'Not sent' });
          }
          sink.error({ message });
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

/** GraphiQL reads the text a moment after it was typed. Whoever runs it before would send the name of the operation before. */
function withItsName(params) {
  try {
    const operations = parse(params.query).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    return operations.length === 1 ? { ...params, operationName: operations[0].name?.value } : params;
  } catch {
    return params; // The gateway says where the text is wrong.
  }
}

/** The result as it is when nobody asks for what the page shows elsewhere. */
function without(result, headers) {
  const told = headers.map((name) => TOLD[name]).filter((name) => result.extensions?.[name]);
  if (told.length === 0) return result;
  const { extensions, ...rest } = result;
  const others = Object.entries(extensions).filter(([name]) => !told.includes(name));
  return others.length > 0 ? { ...rest, extensions: Object.fromEntries(others) } : rest;
}

async function send(attempt, session) {
  let response = await attempt();
  if (response.status === 401 && (await session.renew())) response = await attempt();
  const text = await response.text();
  try {
    return { status: response.status, text, result: JSON.parse(text) };
  } catch {
    const excerpt = text.trim().slice(0, 200) || 'an empty body';
    throw new Error(`The gateway answered ${response.status} with something that is not JSON: ${excerpt}`);
  }
}

async function post(endpoint, request) {
  try {
    return await fetch(endpoint, { method: 'POST', ...request });
  } catch (error) {
    throw new Error(`${endpoint} cannot be reached (${error.message}). Is the gateway still running?`);
  }
}
