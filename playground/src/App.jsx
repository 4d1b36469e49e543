// The page: a slim bar that says whose data is shown, and GraphiQL below it.
import { DOC_EXPLORER_PLUGIN, DocExplorerStore } from '@graphiql/plugin-doc-explorer';
import { HISTORY_PLUGIN, HistoryStore } from '@graphiql/plugin-history';
import { GraphiQLProvider } from '@graphiql/react';
import { GraphiQL, GraphiQLInterface } from 'graphiql';
import { useMemo, useState } from 'react';
import { Bar } from './Bar.jsx';
import { createFetcher } from './fetcher.js';
import { ResultFooter } from './ResultFooter.jsx';
import { useIdentity } from './session.js';

const PLUGINS = [DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN];
const FIRST_QUERY = '# Write a query, Ctrl-Space completes it.\n';

export function App({ config, session }) {
  const { token } = useIdentity(session);
  const [report, setReport] = useState(null);
  const fetcher = useMemo(() => createFetcher(config.endpoint, session, setReport), [config, session]);

  return (
    <GraphiQLProvider
      fetcher={fetcher}
      plugins={PLUGINS}
      referencePlugin={DOC_EXPLORER_PLUGIN}
      defaultQuery={config.examples[0]?.query ?? FIRST_QUERY}
      schema={token ? undefined : null}
      schemaDescription
      inputValueDeprecation
    >
      <HistoryStore>
        <DocExplorerStore>
          <Bar config={config} session={session} onSwitch={() => setReport(null)} />
          <main>
            <GraphiQLInterface isHeadersEditorEnabled={false} showPersistHeadersSettings={false}>
              <GraphiQL.Logo>
                <span className="logo">GraphiQL</span>
              </GraphiQL.Logo>
              <GraphiQL.Footer>
                <ResultFooter session={session} report={report} onTabChange={() => setReport(null)} />
              </GraphiQL.Footer>
            </GraphiQLInterface>
          </main>
        </DocExplorerStore>
      </HistoryStore>
    </GraphiQLProvider>
  );
}
