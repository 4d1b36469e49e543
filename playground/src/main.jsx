// Starts the page: the editor's workers, the styles, the configuration, then the application.
import 'graphiql/setup-workers/vite';
import './fonts.css';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './page.css';
import { createRoot } from 'react-dom/client';
import { App } from './App.jsx';
import { loadConfig } from './config.js';
import { createSession } from './session.js';

const root = createRoot(document.getElementById('root'));

try {
  const config = await loadConfig();
  root.render(<App config={config} session={createSession(config)} />);
} catch (error) {
  root.render(
    <p className="loading" role="alert">
      {error.message} Is the gateway still running? Reload the page to try again.
    </p>,
  );
}
