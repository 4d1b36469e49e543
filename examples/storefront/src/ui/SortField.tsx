import { SelectField } from './fields';
import type { Sorts } from './sorts';

export function SortField({ sorts: { '': first, ...others } }: { sorts: Sorts<unknown> }) {
  const options = Object.fromEntries(Object.entries(others).map(([value, { label }]) => [value, label]));
  return <SelectField label="Sort by" name="sort" options={options} none={first.label} />;
}
