// The page: a slim bar that says whose data is shown, and GraphiQL below it.
import { DOC_EXPLORER_PLUGIN, DocExplorerStore } from '@graphiql/plugin-doc-explorer';
import { HISTORY_PLUGIN, HistoryStore } from '@graphiql/plugin-history';
import { GraphiQLProvider } from '@graphiql/react';
import { GraphiQL, GraphiQLInterface } from 'graphiql';
import { useCallback, useMemo, useState } from 'react';
import { Bar } from './Bar.jsx';
import { EDITOR_THEMES } from './editorThemes.js';
import { createExplain } from './explain.js';
import { explainPlugin } from './ExplainPanel.jsx';
import { createFetcher } from './fetcher.js';
import { ResultFooter } from './ResultFooter.jsx';
import { scalars } from './scalars.js';
import { useIdentity } from './session.js';
import { storage } from './storage.js';

const FIRST_QUERY = '# Write a query, Ctrl-Space completes it.\n';

export function App({ config, session }) {
  const { token } = useIdentity(session);
  const [report, setReport] = useState(null);
  const explain = useMemo(createExplain, []);
  // Without a schema there is no documentation to show.
  const reference = config.introspection ? DOC_EXPLORER_PLUGIN : undefined;
  const plugins = useMemo(
    () => [reference, HISTORY_PLUGIN, explainPlugin(explain)].filter(Boolean),
    [reference, explain],
  );
  const fetcher = useMemo(
    () => createFetcher(config.endpoint, session, explain, setReport),
    [config, session, explain],
  );
  const forget = useCallback(() => {
    explain.show(null);
    setReport(null);
  }, [explain]);

  return (
    <GraphiQLProvider
      fetcher={fetcher}
      plugins={plugins}
      referencePlugin={reference}
      defaultQuery={config.examples[0]?.query ?? FIRST_QUERY}
      schema={token && config.introspection ? undefined : null}
      customScalarSchemas={scalars}
      editorTheme={EDITOR_THEMES}
      storage={storage}
      shouldPersistHeaders={false}
      schemaDescription
      inputValueDeprecation
    >
      <HistoryStore>
        <DocExplorerStore>
          <Bar config={config} session={session} onSwitch={forget} />
          <main>
            <GraphiQLInterface showPersistHeadersSettings={false}>
              <GraphiQL.Logo>
                <span className="logo">GraphiQL</span>
              </GraphiQL.Logo>
              <GraphiQL.Footer>
                <ResultFooter session={session} report={report} onReport={setReport} onTabChange={forget} />
              </GraphiQL.Footer>
            </GraphiQLInterface>
          </main>
        </DocExplorerStore>
      </HistoryStore>
    </GraphiQLProvider>
  );
}
