// Who asks, and in which workspace. Kept in this page's memory; in sessionStorage only for who wants that.
import { useSyncExternalStore } from "react";

import { ask, mutate, Refused, type ApiError } from "./requests";

export interface Workspace {
  id: string;
  name: string;
}

export interface Session {
  token: string;
  /** Whether signing in here made it: then leaving ends it. */
  isOurs: boolean;
  name: string;
  workspaces: Workspace[];
  workspaceId: string;
}

interface Viewer {
  viewer: { user: { email: string }; workspaces: Workspace[] };
}

const WHO = "query Who { viewer { user { email } workspaces { id name } } }";
const SIGN_OUT = "mutation SignOut { signOut { errors { code message } } }";
const KEPT = "plera.token";
const NOBODY: Session = { token: "", isOurs: false, name: "", workspaces: [], workspaceId: "" };

let session = NOBODY;
const listeners = new Set<() => void>();

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

const authorization = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

/** The headers of every request: credentials and workspace, as far as they are known. */
export function sessionHeaders(): Record<string, string> {
  if (!session.token) return {};
  const workspace = session.workspaceId ? { "Plera-Workspace": session.workspaceId } : {};
  return { ...authorization(session.token), ...workspace };
}

/** Take a token after asking the server whose it is; a token that is not good is thrown as `Refused`. */
export async function takeToken(
  token: string,
  { isOurs, keep = false }: { isOurs: boolean; keep?: boolean },
): Promise<void> {
  const known = await whoIs(token);
  if (keep) sessionStorage.setItem(KEPT, token);
  change({ ...known, token, isOurs, workspaceId: known.workspaces[0]?.id ?? "" });
}

/** An API token belongs to a workspace and not to a person: it is good without a viewer. */
async function whoIs(token: string): Promise<Pick<Session, "name" | "workspaces">> {
  try {
    const { viewer } = await ask<Viewer>(WHO, {}, authorization(token));
    return { name: viewer.user.email, workspaces: viewer.workspaces };
  } catch (problem) {
    if (problem instanceof Refused && problem.codes.includes("FORBIDDEN")) return { name: "API token", workspaces: [] };
    throw problem;
  }
}

/** Look again which workspaces there are; a first one is chosen at once. */
export async function refreshWorkspaces(): Promise<void> {
  const { token } = session;
  if (!token) return;
  const { workspaces } = await whoIs(token);
  if (session.token !== token) return;
  const isThere = workspaces.some(({ id }) => id === session.workspaceId);
  change({ ...session, workspaces, workspaceId: isThere ? session.workspaceId : (workspaces[0]?.id ?? "") });
}

export function chooseWorkspace(workspaceId: string): void {
  change({ ...session, workspaceId });
}

/** End the session on the server if it began here, and forget the token whatever the server says. */
export async function signOut(): Promise<void> {
  const { token, isOurs } = session;
  try {
    if (isOurs) await mutate<{ errors: ApiError[] }>(SIGN_OUT, {}, authorization(token));
  } finally {
    sessionStorage.removeItem(KEPT);
    change(NOBODY);
  }
}

/** Take the token that was kept before a reload, if it is still good. */
export async function resume(): Promise<void> {
  const token = sessionStorage.getItem(KEPT);
  if (token) await takeToken(token, { isOurs: true }).catch(() => sessionStorage.removeItem(KEPT));
}

export const currentSession = (): Session => session;

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useSession = (): Session => useSyncExternalStore(listen, currentSession);
