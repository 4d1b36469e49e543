import { useState } from 'react';
import { useMutation } from 'urql';
import { graphql } from '../gql';
import type { UpdateCustomerInput, UpdateCustomerMutation } from '../gql/graphql';

const UpdateCustomer = graphql(`
  mutation UpdateCustomer($input: UpdateCustomerInput!, $key: String!) {
    updateCustomer(input: $input) @idempotent(key: $key) {
      customer {
        ...EditableCustomer
      }
      errors {
        message
        path
        ... on StaleVersion {
          current {
            ...EditableCustomer
          }
        }
      }
    }
  }
`);

export type Payload = UpdateCustomerMutation['updateCustomer'];

/**
 * Each update has a key. If the response is lost, `repeat` sends the same request with the same key, and gets the result
 * of the update that was already done instead of a conflict with it.
 */
export function useCustomerUpdate(onPayload: (payload: Payload) => void) {
  const [{ error, fetching }, execute] = useMutation(UpdateCustomer);
  const [last, setLast] = useState<{ input: UpdateCustomerInput; key: string }>();

  async function send(variables: { input: UpdateCustomerInput; key: string }) {
    setLast(variables);
    const { data } = await execute(variables);
    if (data) onPayload(data.updateCustomer);
  }

  return {
    error,
    fetching,
    update: (input: UpdateCustomerInput) => send({ input, key: crypto.randomUUID() }),
    repeat: () => last && send(last),
  };
}
