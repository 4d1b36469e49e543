// Letters small enough for an example to fit half of a laptop's screen, and colours that follow the system at once.
import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect } from 'react';

const FONT_SIZE = 13;

export function useEditorLook() {
  const { setTheme } = useGraphiQLActions();
  const { theme, queryEditor, variableEditor, responseEditor } = useGraphiQL(
    pick('theme', 'queryEditor', 'variableEditor', 'responseEditor'),
  );

  useEffect(() => {
    for (const editor of [queryEditor, variableEditor, responseEditor]) editor?.updateOptions({ fontSize: FONT_SIZE });
  }, [queryEditor, variableEditor, responseEditor]);

  // The page changes with the system by its styles; the editors are coloured by script, and only when told.
  useEffect(() => {
    if (theme) return undefined;
    const system = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setTheme(null);
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, [theme, setTheme]);
}
