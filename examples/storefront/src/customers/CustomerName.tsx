import { Fragment } from 'react';
import { type FragmentType, getFragmentData, graphql } from '../gql';
import { type Highlights, Marked } from '../search/snippets';
import { WorkspaceLink } from '../workspace/WorkspaceLink';

const CustomerNameFragment = graphql(`
  fragment CustomerName on Customer {
    id
    firstName
    lastName
    email
  }
`);

interface Props {
  customer: FragmentType<typeof CustomerNameFragment> | null;
  highlights?: Highlights;
}

/** The name of a customer as a link to the customer. */
export function CustomerName({ customer, highlights = [] }: Props) {
  const known = getFragmentData(CustomerNameFragment, customer);
  if (!known) return 'no customer';
  return (
    <WorkspaceLink to={`customers/${known.id}`}>
      {Object.entries(partsOfName(known)).map(([field, value], index) => (
        <Fragment key={field}>
          {index > 0 && ' '}
          <Marked highlights={highlights} field={field} value={value} />
        </Fragment>
      ))}
    </WorkspaceLink>
  );
}

interface Named {
  firstName: string | null;
  lastName: string | null;
  email: string;
}

export function nameOf(customer: Named): string {
  return Object.values(partsOfName(customer)).join(' ');
}

/** The fields that name a customer: first and last name, or the e-mail address where there is no name. */
export function partsOfName({ firstName, lastName, email }: Named): Record<string, string> {
  if (!firstName && !lastName) return { email };
  return { ...(firstName && { firstName }), ...(lastName && { lastName }) };
}
