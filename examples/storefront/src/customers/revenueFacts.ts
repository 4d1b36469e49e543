import { type FragmentType, getFragmentData, graphql } from '../gql';
import { formatCount, formatDate, formatMoney } from '../ui/format';

const RevenueFactsFragment = graphql(`
  fragment RevenueFacts on CustomerLifetimeValue {
    currency
    netRevenue
    refundedAmount
    averageOrderValue
    itemsCount
    firstOrderDate
  }
`);

/** What a customer bought. There is a value per currency; a sample workspace has one currency. */
export function revenueFacts(values: readonly FragmentType<typeof RevenueFactsFragment>[]) {
  const [value] = getFragmentData(RevenueFactsFragment, values);
  if (!value) return {};
  const { currency, netRevenue, refundedAmount, averageOrderValue, itemsCount, firstOrderDate } = value;
  const money = (amount: typeof netRevenue) => amount && formatMoney(amount, currency);
  return {
    Revenue: money(netRevenue),
    Refunded: money(refundedAmount),
    'Average order': money(averageOrderValue),
    Items: itemsCount && formatCount(itemsCount),
    'First order': firstOrderDate && formatDate(firstOrderDate),
  };
}
