import { useQuery } from 'urql';
import { graphql } from '../gql';
import { formatDate, formatMoney } from '../ui/format';

// A query of its own: only staff may read transactions, and the gateway refuses a whole document for one such field.
const OrderTransactionsQuery = graphql(`
  query OrderTransactions($id: ID!) {
    order(id: $id) {
      transactions(orderBy: [{ transactionDate: ASC }]) {
        nodes {
          id
          transactionDate
          description
          amount
          currency
        }
      }
    }
  }
`);

export function OrderTransactions({ id }: { id: string }) {
  const [{ data }] = useQuery({ query: OrderTransactionsQuery, variables: { id } });
  const transactions = data?.order?.transactions.nodes ?? [];
  if (transactions.length === 0) return null;
  return (
    <section>
      <h2>Transactions</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Date</th>
            <th scope="col">Description</th>
            <th scope="col" className="number">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {transactions.map(({ id, transactionDate, description, amount, currency }) => (
            <tr key={id}>
              <td className="short">{formatDate(transactionDate)}</td>
              <td>{description}</td>
              <td className="number">{formatMoney(amount, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
