/** Orders of a list by the value of the search parameter `sort`. The entry `''` is the default. */
export type Sorts<OrderBy> = { '': Sort<OrderBy> } & Record<string, Sort<OrderBy>>;

interface Sort<OrderBy> {
  label: string;
  /** Undefined for the order of the gateway, which in a search is that of the score. */
  orderBy: OrderBy[] | undefined;
}

export function sortOf<OrderBy>(sorts: Sorts<OrderBy>, params: URLSearchParams): OrderBy[] | undefined {
  return (sorts[params.get('sort') ?? ''] ?? sorts['']).orderBy;
}
