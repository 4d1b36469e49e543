import { type FragmentType, getFragmentData, graphql } from '../gql';
import { formatCount, formatDate, formatMoney } from '../ui/format';

const SalesFactsFragment = graphql(`
  fragment SalesFacts on ProductPerformanceSummary {
    currency
    ordersCount
    unitsSold
    grossRevenue
    averageUnitPrice
    lastSoldAt
  }
`);

/** What was sold of a product. There is a summary per currency; a sample workspace has one currency. */
export function salesFacts(summaries: readonly FragmentType<typeof SalesFactsFragment>[]) {
  const [sales] = getFragmentData(SalesFactsFragment, summaries);
  if (!sales?.lastSoldAt) return { Sold: 'never' };
  const { currency, ordersCount, unitsSold, grossRevenue, averageUnitPrice, lastSoldAt } = sales;
  return {
    Sold: `${formatCount(unitsSold ?? 0)} in ${formatCount(ordersCount ?? 0)} orders`,
    Revenue: formatMoney(grossRevenue ?? 0, currency),
    'Average price': averageUnitPrice && formatMoney(averageUnitPrice, currency),
    'Last sold': formatDate(lastSoldAt),
  };
}
