import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN, GraphiQL } from "graphiql";
import { useGraphiQLActions } from "@graphiql/react";
import { useEffect } from "react";

import icon from "../../web/explorer/icon.svg";
import { ACCOUNT } from "./account/plugin";
import { EXAMPLES } from "./examples";
import { EXAMPLES_PLUGIN } from "./examples-plugin";
import { fetcher } from "./fetcher";
import { useLink } from "./links";
import { resume, useSession } from "./session";
import { keepsHeaders, storage } from "./storage";
import { THEMES, useThemes } from "./themes";

const PLUGINS = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false }), EXAMPLES_PLUGIN, ACCOUNT];
const TABS = EXAMPLES.map(({ query, variables }) => ({ query, variables }));

/** Who is signed in, beside the tabs; leads to the account's pane. */
function Who() {
  const session = useSession();
  const link = useLink();
  const { setVisiblePlugin } = useGraphiQLActions();
  const workspace = session.workspaces.find(({ id }) => id === session.workspaceId);

  useEffect(() => {
    if (link) setVisiblePlugin(ACCOUNT);
  }, [link, setVisiblePlugin]);

  return (
    <button type="button" className="plera-who" onClick={() => setVisiblePlugin(ACCOUNT)}>
      <img src={icon} alt="" width="22" height="22" />
      <span role="status">
        {session.token ? [session.name, workspace?.name].filter(Boolean).join(" · ") : "Sign in"}
      </span>
    </button>
  );
}

export function Explorer() {
  useThemes();
  useEffect(() => void resume(), []);
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={storage}
      plugins={PLUGINS}
      visiblePlugin={ACCOUNT}
      defaultTabs={TABS}
      defaultEditorToolsVisibility="variables"
      editorTheme={THEMES}
      shouldPersistHeaders={keepsHeaders()}
      showPersistHeadersSettings
    >
      <GraphiQL.Logo>
        <Who />
      </GraphiQL.Logo>
    </GraphiQL>
  );
}
