import { useParams } from 'react-router';
import { useQuery } from 'urql';
import { graphql } from '../gql';
import { Loading } from '../ui/Loading';
import { NotFound } from '../ui/NotFound';
import { PageTitle } from '../ui/PageTitle';
import { ProblemNotice } from '../ui/ProblemNotice';
import { CustomerForm } from './CustomerForm';
import { baseOf } from './editableCustomer';

const CustomerToEditQuery = graphql(`
  query CustomerToEdit($id: ID!) {
    customer(id: $id) {
      ...EditableCustomer
    }
  }
`);

export function CustomerEditPage() {
  const { id = '' } = useParams();
  // An old version from the cache would be a conflict.
  const [{ data, error, fetching }, reload] = useQuery({
    query: CustomerToEditQuery,
    variables: { id },
    requestPolicy: 'network-only',
  });
  if (error) return <ProblemNotice error={error} retry={reload} fetching={fetching} />;
  if (!data) return <Loading />;
  if (!data.customer) return <NotFound what="customer" />;
  return (
    <>
      <PageTitle>Edit customer</PageTitle>
      <CustomerForm key={id} id={id} loaded={baseOf(data.customer)} />
    </>
  );
}
