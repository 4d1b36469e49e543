import { useParams } from 'react-router';
import { useQuery } from 'urql';
import { graphql } from '../gql';
import { OrdersTable } from '../orders/OrdersTable';
import { Facts } from '../ui/Facts';
import { List } from '../ui/List';
import { Loading } from '../ui/Loading';
import { NotFound } from '../ui/NotFound';
import { PageTitle } from '../ui/PageTitle';
import { ProblemNotice } from '../ui/ProblemNotice';
import { usePage } from '../ui/usePage';
import { WorkspaceLink } from '../workspace/WorkspaceLink';
import { nameOf } from './CustomerName';
import { revenueFacts } from './revenueFacts';

const CustomerQuery = graphql(`
  query Customer($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    customer(id: $id) {
      firstName
      lastName
      email
      phone
      company
      address
      lifetimeValues {
        nodes {
          ...RevenueFacts
        }
      }
      orders(orderBy: [{ orderDate: DESC }], first: $first, after: $after, last: $last, before: $before) {
        totalCount
        pageInfo {
          ...Pager
        }
        nodes {
          ...OrdersTable
        }
      }
    }
  }
`);

export function CustomerPage() {
  const { id = '' } = useParams();
  const [{ data, error, fetching }, reload] = useQuery({ query: CustomerQuery, variables: { id, ...usePage() } });
  if (error) return <ProblemNotice error={error} retry={reload} fetching={fetching} />;
  if (!data) return <Loading />;
  const { customer } = data;
  if (!customer) return <NotFound what="customer" />;
  return (
    <>
      <PageTitle>{nameOf(customer)}</PageTitle>
      <Facts
        facts={{
          'E-mail': customer.email,
          Phone: customer.phone,
          Company: customer.company,
          Address: customer.address,
          ...revenueFacts(customer.lifetimeValues.nodes),
        }}
      />
      <p>
        <WorkspaceLink to={`customers/${id}/edit`}>Edit</WorkspaceLink>
      </p>
      <section>
        <h2>Orders</h2>
        <List
          connection={customer.orders}
          error={error}
          fetching={fetching}
          reload={reload}
          nouns={['order', 'orders']}
        >
          <OrdersTable orders={customer.orders.nodes} />
        </List>
      </section>
    </>
  );
}
