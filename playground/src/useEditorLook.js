// Letters small enough for an example to fit half of a laptop's screen, colours that follow the system at once, a name
// for each editor, by which screen readers tell them apart, and a wheel that scrolls the page at the end of a text.
import { isMacOs, pick, useGraphiQL, useGraphiQLActions, useMonaco } from '@graphiql/react';
import { useEffect } from 'react';
import { defineEditorThemes } from './editorThemes.js';

const FONT_SIZE = 13;

export function useEditorLook() {
  const { setTheme } = useGraphiQLActions();
  const { theme, queryEditor, variableEditor, headerEditor, responseEditor } = useGraphiQL(
    pick('theme', 'queryEditor', 'variableEditor', 'headerEditor', 'responseEditor'),
  );

  useEffect(() => {
    const editors = { Query: queryEditor, Variables: variableEditor, Headers: headerEditor, Response: responseEditor };
    for (const [ariaLabel, editor] of Object.entries(editors)) {
      editor?.updateOptions({ fontSize: FONT_SIZE, ariaLabel, scrollbar: { alwaysConsumeMouseWheel: false } });
      // Tab stops at what surrounds the editor, and Enter leads into it.
      if (ariaLabel === 'Response') continue;
      const around = editor?.getContainerDomNode();
      around?.setAttribute('role', 'group');
      around?.setAttribute('aria-label', `${ariaLabel}: press Enter to edit`);
    }
  }, [queryEditor, variableEditor, headerEditor, responseEditor]);

  // Folded away, the editors of variables and headers take no room, and should take no focus.
  useEffect(() => {
    const nodes = [variableEditor, headerEditor].map((editor) => editor?.getContainerDomNode()).filter(Boolean);
    const fold = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) target.inert = contentRect.height === 0;
    });
    for (const node of nodes) fold.observe(node);
    return () => fold.disconnect();
  }, [variableEditor, headerEditor]);

  // GraphiQL would have the whole response read aloud. The footer says that it is there.
  useEffect(() => {
    const region = responseEditor?.getContainerDomNode();
    region?.removeAttribute('aria-live');
    region?.setAttribute('aria-label', 'Response');
  }, [responseEditor]);

  const monaco = useMonaco((state) => state.monaco);
  useEffect(() => {
    if (!monaco) return;
    defineEditorThemes(monaco);
    // On macOS, GraphiQL has taken the keys that let Tab leave an editor.
    if (isMacOs) {
      const { KeyMod, KeyCode, editor } = monaco;
      const keybinding = KeyMod.WinCtrl | KeyMod.Alt | KeyCode.KeyM;
      editor.addKeybindingRule({ keybinding, command: 'editor.action.toggleTabFocusMode' });
    }
    setTheme(theme); // It was set before it was there.
    // Only the first time: afterwards every change sets it.
  }, [monaco, setTheme]);

  // The page changes with the system by its styles; the editors are coloured by script, and only when told.
  useEffect(() => {
    if (theme) return undefined;
    const system = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setTheme(null);
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, [theme, setTheme]);
}
