// What a printed or mailed link brings: `#setup=TOKEN` or `#join=TOKEN`. No address bar and no history keeps it.
import { useSyncExternalStore } from "react";

export interface Link {
  purpose: "setup" | "join";
  token: string;
}

let link: Link | null = null;
const listeners = new Set<() => void>();

function change(next: Link | null): void {
  link = next;
  for (const listener of listeners) listener();
}

function takeLink(): void {
  const [, purpose, token] = location.hash.match(/^#(setup|join)=([\w-]+)$/) ?? [];
  if (!purpose || !token) return;
  history.replaceState(null, "", location.pathname);
  change({ purpose: purpose as Link["purpose"], token });
}

takeLink();
window.addEventListener("hashchange", takeLink);

/** The link has done its work. */
export const spendLink = (): void => change(null);

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useLink = (): Link | null => useSyncExternalStore(listen, () => link);
