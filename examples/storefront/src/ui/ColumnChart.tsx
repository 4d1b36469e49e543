import { type ReactNode, useRef } from 'react';
import { ticks } from './ticks';
import { useWidth } from './useWidth';

export interface Column {
  label: string;
  value: number;
  /** The value as it is read. */
  text: string;
  /** The cell of the table that names the column; the label by default. */
  heading?: ReactNode;
}

interface Props {
  title: string;
  columns: Column[];
  formatTick: (value: number) => string;
  /** The headings of the table. */
  headings: [string, string];
}

const HEIGHT = 240;
const TOP = 8;
const BOTTOM = 28;
const TICKS = 4;
const WIDTH_OF_LABEL = 64;
const WIDTH_OF_DIGIT = 8;

/** Columns over time, with a table of the same values for those who cannot see or need the numbers. */
export function ColumnChart({ title, columns, formatTick, headings: [labels, values] }: Props) {
  const figure = useRef<HTMLElement>(null);
  const width = useWidth(figure);
  return (
    <figure className="chart" ref={figure}>
      <figcaption>{title}</figcaption>
      <Columns title={title} columns={columns} formatTick={formatTick} width={width} />
      <details>
        <summary>Show as a table</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{labels}</th>
              <th scope="col" className="number">
                {values}
              </th>
            </tr>
          </thead>
          <tbody>
            {columns.map(({ label, heading = label, text }) => (
              <tr key={label}>
                <th scope="row">{heading}</th>
                <td className="number">{text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

function Columns({ title, columns, formatTick, width }: Omit<Props, 'headings'> & { width: number }) {
  const marks = ticks(
    columns.map(({ value }) => value),
    TICKS,
  );
  const low = marks[0] ?? 0;
  const high = marks.at(-1) ?? 1;
  const y = (value: number) => TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const left = Math.max(WIDTH_OF_LABEL / 2, ...marks.map((mark) => formatTick(mark).length * WIDTH_OF_DIGIT + 8));
  const step = Math.max(0, width - left) / columns.length;
  const every = Math.ceil(WIDTH_OF_LABEL / (step || WIDTH_OF_LABEL));
  const middle = (index: number) => left + (index + 0.5) * step;
  const hasLabel = (index: number) => index % every === 0 && middle(index) + WIDTH_OF_LABEL / 2 <= width;
  return (
    <svg
      role="img"
      aria-label={`${title}, as columns; the values are in the table below`}
      width={width}
      height={HEIGHT}
    >
      {marks.map((mark) => (
        <g key={mark} className={mark === 0 ? 'axis' : 'grid'}>
          <line x1={left} x2={width} y1={y(mark)} y2={y(mark)} />
          <text x={left - 8} y={y(mark)} textAnchor="end" dominantBaseline="middle">
            {formatTick(mark)}
          </text>
        </g>
      ))}
      {columns.map(({ label, value, text }, index) => (
        <g key={label}>
          <rect
            x={middle(index) - step * 0.35}
            y={Math.min(y(0), y(value))}
            width={step * 0.7}
            height={Math.abs(y(value) - y(0))}
          >
            <title>{`${label}: ${text}`}</title>
          </rect>
          {hasLabel(index) && (
            <text x={middle(index)} y={HEIGHT - 8} textAnchor="middle">
              {label}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}
