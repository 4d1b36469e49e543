import { Navigate, type RouteObject } from 'react-router';
import type { Workspace } from './api/workspaces';
import { AlbumsPage } from './albums/AlbumsPage';
import { ArtistsPage } from './artists/ArtistsPage';
import { CustomerEditPage } from './customers/CustomerEditPage';
import { CustomerPage } from './customers/CustomerPage';
import { CustomersPage } from './customers/CustomersPage';
import { DashboardPage } from './dashboard/DashboardPage';
import { OrderPage } from './orders/OrderPage';
import { OrdersPage } from './orders/OrdersPage';
import { ProductPage } from './products/ProductPage';
import { ProductsPage } from './products/ProductsPage';
import { NotFound } from './ui/NotFound';
import { WorkspaceRoute } from './workspace/WorkspaceRoute';

export function routes(workspaces: Workspace[]): RouteObject[] {
  return [
    { path: '/', element: <Navigate to={`/${workspaces[0]?.slug}`} replace /> },
    {
      path: '/:workspace',
      element: <WorkspaceRoute workspaces={workspaces} />,
      children: [
        { index: true, element: <DashboardPage /> },
        { path: 'products', element: <ProductsPage /> },
        { path: 'products/:id', element: <ProductPage /> },
        { path: 'albums', element: <AlbumsPage /> },
        { path: 'artists', element: <ArtistsPage /> },
        { path: 'orders', element: <OrdersPage /> },
        { path: 'orders/:id', element: <OrderPage /> },
        { path: 'customers', element: <CustomersPage /> },
        { path: 'customers/:id', element: <CustomerPage /> },
        { path: 'customers/:id/edit', element: <CustomerEditPage /> },
        { path: '*', element: <NotFound what="page" /> },
      ],
    },
  ];
}
