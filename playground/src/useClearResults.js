// Takes every result off the page, in all tabs, and stops the request that would bring the next one.
import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';

export function useClearResults() {
  const { stop, updateActiveTabValues } = useGraphiQLActions();
  const { tabs, responseEditor } = useGraphiQL(pick('tabs', 'responseEditor'));

  return () => {
    stop();
    // GraphiQL changes the active tab only, yet the others keep their rows in the very objects it will show later.
    for (const tab of tabs) tab.response = null;
    updateActiveTabValues({ response: null });
    responseEditor?.setValue('');
  };
}
