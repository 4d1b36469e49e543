import type { ReactNode } from 'react';

export interface Bar {
  key: string;
  label: ReactNode;
  value: number;
  /** The value as it is read. */
  text: string;
}

interface Props {
  title: string;
  bars: Bar[];
  /** The headings of the labels and the values. */
  headings: [string, string];
}

/** A table in which a bar shows each value in proportion to the greatest. */
export function BarTable({ title, bars, headings: [labels, values] }: Props) {
  const greatest = Math.max(...bars.map(({ value }) => value));
  return (
    <table className="bars">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">{labels}</th>
          <td />
          <th scope="col" className="number">
            {values}
          </th>
        </tr>
      </thead>
      <tbody>
        {bars.map(({ key, label, value, text }) => (
          <tr key={key}>
            <th scope="row">{label}</th>
            <td className="bar">
              <svg aria-hidden="true" width="100%" height="12">
                <rect width={`${Math.max(0, value / greatest) * 100}%`} height="12" rx="2" />
              </svg>
            </td>
            <td className="number">{text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
