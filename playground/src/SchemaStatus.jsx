// Says whether the schema has been read or may not be, and reads it when a new identity may succeed where the last one failed.
import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useMemo, useRef } from 'react';
import { useIdentity } from './session.js';

export function SchemaStatus({ config, session }) {
  const { token } = useIdentity(session);
  const { introspect } = useGraphiQLActions();
  const { schema, isIntrospecting, fetchError } = useGraphiQL(pick('schema', 'isIntrospecting', 'fetchError'));
  const tried = useRef(token);

  useEffect(() => {
    if (token === tried.current) return;
    tried.current = token;
    if (token && !schema) introspect();
  }, [token, schema, introspect]);

  const types = useMemo(
    () => schema && Object.keys(schema.getTypeMap()).filter((name) => !name.startsWith('__')).length,
    [schema],
  );

  const [state, text] = schema
    ? ['ready', `Schema: ${types} types`]
    : isIntrospecting
      ? ['loading', 'Reading the schema…']
      : !token
        ? ['waiting', config.introspection ? 'Paste a token to read the schema' : 'Paste a token to run queries']
        : !config.introspection
          ? ['off', 'Introspection is off: queries run, without completion and documentation']
          : fetchError
            ? ['failed', 'The schema could not be read']
            : ['loading', 'Reading the schema…'];

  return (
    <output id="schema-status" data-state={state}>
      {text}
    </output>
  );
}
