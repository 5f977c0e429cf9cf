import { useMonaco } from "@graphiql/react";
import { useLayoutEffect } from "react";

export const THEMES = { light: "plera-light", dark: "plera-dark" };

const LOOKS = {
  light: { base: "vs", accent: "#5b4bd6", popup: "#ffffff", argument: "4338a8" },
  dark: { base: "vs-dark", accent: "#a99dff", popup: "#1d1c28", argument: "b9b0ff" },
} as const;

function colors(accent: string, popup: string): Record<string, string> {
  const chosen = `${accent}26`;
  return {
    "editor.background": "#ffffff00",
    "scrollbar.shadow": "#ffffff00",
    focusBorder: accent,
    "textLink.foreground": accent,
    "editorHoverWidget.background": popup,
    "editorWidget.background": popup,
    "menu.background": popup,
    "quickInput.background": popup,
    "editorSuggestWidget.background": popup,
    "editorSuggestWidget.selectedBackground": chosen,
    "editorSuggestWidget.selectedForeground": accent,
    "list.highlightForeground": accent,
    "list.hoverBackground": chosen,
    "quickInputList.focusBackground": chosen,
  };
}

/** Give Monaco the page's colours as soon as it is loaded. */
export function useThemes(): void {
  const monaco = useMonaco((state) => state.monaco);
  useLayoutEffect(() => {
    for (const [name, { base, accent, popup, argument }] of Object.entries(LOOKS)) {
      const rules = [{ token: "argument.identifier.gql", foreground: argument }];
      monaco?.editor.defineTheme(`plera-${name}`, { base, inherit: true, rules, colors: colors(accent, popup) });
    }
  }, [monaco]);
}
