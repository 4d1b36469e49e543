// The panel that says which fields an operation reads for, how long that takes, and which index is missing.
import { useEffect, useSyncExternalStore } from 'react';

export function explainPlugin(explain) {
  return {
    title: 'Explain',
    icon: Icon,
    content: () => <ExplainPanel explain={explain} />,
  };
}

function ExplainPanel({ explain }) {
  const { plans, statements } = useSyncExternalStore(explain.subscribe, explain.get);
  useEffect(() => {
    explain.open();
    return explain.close;
  }, [explain]);
  return (
    <section className="explain" aria-label="Explain">
      <div className="graphiql-doc-explorer-title">Explain</div>
      <label>
        <input type="checkbox" checked={plans} onChange={(event) => explain.withPlans(event.target.checked)} />
        with PostgreSQL’s plans
      </label>
      {statements === null ? <p>Run a query to see what it reads.</p> : <Statements statements={statements} />}
    </section>
  );
}

function Statements({ statements }) {
  if (statements.length === 0) return <p>The query reads nothing from the database.</p>;
  const trips = Math.max(...statements.map((one) => one.roundTrip));
  const time = [...new Map(statements.map((one) => [one.roundTrip, one.milliseconds])).values()];
  const sum = time.reduce((total, one) => total + one, 0);
  return (
    <>
      <p>
        {count(statements.length, 'statement')} in {count(trips, 'round trip')} to the database, {sum.toFixed(1)} ms.
        Statements of one round trip are sent together.
      </p>
      <ol>
        {statements.map((one, index) => (
          <li key={index}>
            <Statement one={one} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Statement({ one }) {
  return (
    <>
      <code className="paths">{one.paths.join(', ')}</code>
      <span>
        {count(one.rows, 'row')} of {one.table}, round trip {one.roundTrip}, {one.milliseconds.toFixed(1)} ms
      </span>
      {one.index && (
        <p className="missing">
          No index finds rows by {one.index.fields.join(', ')}. This one would:
          <code>{one.index.create}</code>
        </p>
      )}
      <details>
        <summary>Statement</summary>
        <pre>{one.statement}</pre>
        <Parameters parameters={one.parameters} />
      </details>
      {one.plan && (
        <details>
          <summary>Plan</summary>
          <pre>{one.plan.join('\n')}</pre>
        </details>
      )}
    </>
  );
}

function Parameters({ parameters }) {
  return (
    <ul>
      {parameters.map(({ type, value }, index) => (
        <li key={index}>
          ${index + 1}: {type}
          {value !== undefined && <code>{JSON.stringify(value)}</code>}
        </li>
      ))}
    </ul>
  );
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function Icon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d="M4 5h16M4 12h10M4 19h6" strokeLinecap="round" />
      <circle cx="17" cy="16" r="3.5" />
      <path d="m19.6 18.6 2.4 2.4" strokeLinecap="round" />
    </svg>
  );
}
