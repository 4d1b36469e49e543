export function StartProblem({ error }: { error: unknown }) {
  return (
    <main>
      <h1>The storefront cannot start</h1>
      <p role="alert">{error instanceof Error ? error.message : String(error)}</p>
      <button type="button" onClick={() => location.reload()}>
        Try again
      </button>
    </main>
  );
}
