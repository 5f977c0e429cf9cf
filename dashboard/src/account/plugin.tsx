import type { GraphiQLPlugin } from "@graphiql/react";
import { useState } from "react";

import { useLink, type Link } from "../links";
import { useSession } from "../session";
import { SetUp, SignIn, SignUp, Token } from "./doors";
import { Inside } from "./inside";

const Icon = () => (
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round">
    <circle cx="12" cy="8" r="4" />
    <path d="M4 20.5c1.2-4 4.3-6 8-6s6.8 2 8 6" />
  </svg>
);

/** The help for somebody who has just arrived, and the ways in. */
function Outside({ link }: { link: Link | null }) {
  const [mailed, setMailed] = useState("");
  if (link?.purpose === "setup") {
    return (
      <>
        <p>Welcome to Plera. You hold the link that makes the first account of this installation; it works once.</p>
        <SetUp link={link.token} />
      </>
    );
  }
  const isInvited = link?.purpose === "join";
  return (
    <>
      <p>
        {isInvited
          ? "You were invited to a workspace. Sign in with the address that was invited, then join."
          : "Sign in to run the examples in the tabs. The documentation, the book on the left, is open to all."}
      </p>
      <SignIn />
      {mailed ? (
        <p role="status">A mail is on its way to {mailed}. Open its link, then sign in here.</p>
      ) : (
        <details>
          <summary>No account yet?</summary>
          <SignUp invitation={isInvited ? link.token : undefined} onDone={setMailed} />
        </details>
      )}
      <details>
        <summary>Use a token instead</summary>
        <Token />
      </details>
      <p className="plera-note">
        The very first account is made with the link that <code>make run</code> prints. The token stays in this page’s
        memory: closing or reloading the page forgets it.
      </p>
    </>
  );
}

function Account() {
  const session = useSession();
  const link = useLink();
  return (
    <section className="plera-pane" aria-label="Account">
      <h2>Account</h2>
      {session.token ? <Inside session={session} link={link} /> : <Outside link={link} />}
    </section>
  );
}

export const ACCOUNT: GraphiQLPlugin = { title: "Account", icon: Icon, content: Account };
