import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { loadWorkspaces } from './api/workspaces';
import { routes } from './routes';
import { StartProblem } from './StartProblem';
import './styles.css';

const root = createRoot(document.getElementById('root')!);

try {
  const router = createBrowserRouter(routes(await loadWorkspaces()));
  root.render(
    <StrictMode>
      <RouterProvider router={router} />
    </StrictMode>,
  );
} catch (error) {
  root.render(<StartProblem error={error} />);
}
