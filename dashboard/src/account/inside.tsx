import { spendLink, type Link } from "../links";
import { mutate, type ApiError } from "../requests";
import { chooseWorkspace, refreshWorkspaces, sessionHeaders, signOut, type Session } from "../session";
import { Form } from "./form";

const JOIN = "mutation Join($token: String!) { invitationAccept(token: $token) { errors { code message } } }";

/** Accept the invitation whose link was opened. */
function Join({ link }: { link: string }) {
  async function submit(): Promise<void> {
    await mutate<{ errors: ApiError[] }>(JOIN, { token: link }, sessionHeaders());
    spendLink();
    await refreshWorkspaces();
  }
  return (
    <Form label="Join the workspace" submit={submit}>
      <p>You were invited to a workspace.</p>
    </Form>
  );
}

function Workspaces({ session }: { session: Session }) {
  if (!session.workspaces.length) {
    return <p>You are in no workspace yet. The tab “CreateWorkspace” makes one: fill in its variables and run it.</p>;
  }
  return (
    <label className="plera-field">
      Workspace
      <select value={session.workspaceId} onChange={(event) => chooseWorkspace(event.target.value)}>
        {session.workspaces.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What a person who is signed in sees: who they are, where they work, the way out. */
export function Inside({ session, link }: { session: Session; link: Link | null }) {
  const isPerson = session.name.includes("@");
  return (
    <>
      <p>
        Signed in as <strong>{session.name}</strong>. Every request carries the token and the workspace; a header that
        you type yourself goes before ours.
      </p>
      {link?.purpose === "join" && <Join link={link.token} />}
      {isPerson && <Workspaces session={session} />}
      <button type="button" className="plera-quiet" onClick={() => void signOut().catch(() => undefined)}>
        {session.isOurs ? "Sign out" : "Forget the token"}
      </button>
    </>
  );
}
