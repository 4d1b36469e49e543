import { useQuery } from 'urql';
import { graphql } from '../gql';
import { Loading } from '../ui/Loading';
import { PageTitle } from '../ui/PageTitle';
import { ProblemNotice } from '../ui/ProblemNotice';
import { useWorkspace } from '../workspace/context';
import { OrdersByStatus } from './OrdersByStatus';
import { RevenueByCategory } from './RevenueByCategory';
import { RevenueByMonth } from './RevenueByMonth';
import { TopCustomers } from './TopCustomers';
import { Totals } from './Totals';

// Amounts of different currencies must not be added up, so all parts are about one.
const DashboardQuery = graphql(`
  query Dashboard($currency: String!) {
    orders(where: { currency: { eq: $currency } }) {
      ...Totals
      ...RevenueByMonth
      ...OrdersByStatus
    }
    customers(first: 10, orderBy: [{ orders: { aggregate: { totalAmount: { sum: DESC_NULLS_LAST } } } }]) {
      nodes {
        ...TopCustomers
      }
    }
    orderItems(where: { order: { currency: { eq: $currency } } }) {
      ...RevenueByCategory
    }
  }
`);

export function DashboardPage() {
  const { currency } = useWorkspace();
  const [{ data, error, fetching }, reload] = useQuery({ query: DashboardQuery, variables: { currency } });
  return (
    <>
      <PageTitle>Dashboard</PageTitle>
      {error && <ProblemNotice error={error} retry={reload} fetching={fetching} />}
      {!error && !data && <Loading />}
      {data && (
        <>
          <Totals orders={data.orders} />
          <RevenueByMonth orders={data.orders} />
          <div className="columns">
            <TopCustomers customers={data.customers.nodes} />
            <div>
              <OrdersByStatus orders={data.orders} />
              <RevenueByCategory items={data.orderItems} />
            </div>
          </div>
        </>
      )}
    </>
  );
}
