// The ways in: as the first owner, with a password, as a new person, with a token.
import { mutate, type ApiError } from "../requests";
import { spendLink } from "../links";
import { takeToken } from "../session";
import { Field, Form } from "./form";

const PASSWORD_LENGTH_MIN = 12;
const ERRORS = "errors { code message }";
const SET_UP = `mutation SetUp($input: SetUpInput!) { setUp(input: $input) { token ${ERRORS} } }`;
const SIGN_IN = `mutation SignIn($input: SignInInput!) { signIn(input: $input) { token ${ERRORS} } }`;
const SIGN_UP = `mutation SignUp($input: SignUpInput!) { signUp(input: $input) { ${ERRORS} } }`;

interface Opened {
  token: string;
  errors: ApiError[];
}

const Email = () => <Field label="E-mail" name="email" type="email" complete="username" />;
const Name = () => <Field label="Your name" name="name" complete="name" />;
const NewPassword = () => (
  <Field
    label="Password, at least 12 characters"
    name="password"
    type="password"
    complete="new-password"
    min={PASSWORD_LENGTH_MIN}
  />
);

/** The first account of an installation, made with the link that the first start prints. */
export function SetUp({ link }: { link: string }) {
  async function submit(input: Record<string, string>): Promise<void> {
    const { token } = await mutate<Opened>(SET_UP, { input: { ...input, token: link } }, {});
    spendLink();
    await takeToken(token, { isOurs: true });
  }
  return (
    <Form label="Make the first account" submit={submit}>
      <Email />
      <Name />
      <NewPassword />
    </Form>
  );
}

export function SignIn() {
  async function submit({ keep, ...input }: Record<string, string>): Promise<void> {
    const { token } = await mutate<Opened>(SIGN_IN, { input }, {});
    await takeToken(token, { isOurs: true, keep: Boolean(keep) });
  }
  return (
    <Form label="Sign in" submit={submit}>
      <Email />
      <Field label="Password" name="password" type="password" complete="current-password" />
      <label className="plera-choice">
        <input type="checkbox" name="keep" /> Stay signed in until this tab is closed
      </label>
    </Form>
  );
}

/** A new account; its address is proven by a mail before anybody signs in with it. */
export function SignUp({ invitation, onDone }: { invitation?: string | undefined; onDone: (email: string) => void }) {
  async function submit(values: Record<string, string>): Promise<void> {
    const input = invitation ? { ...values, invitation } : values;
    await mutate<{ errors: ApiError[] }>(SIGN_UP, { input }, {});
    onDone(values.email ?? "");
  }
  return (
    <Form label="Make an account" submit={submit}>
      <Email />
      <Name />
      <NewPassword />
    </Form>
  );
}

export function Token() {
  return (
    <Form label="Use the token" submit={({ token = "" }) => takeToken(token.trim(), { isOurs: false })}>
      <Field label="Token" name="token" type="password" complete="off" placeholder="plera_t_…" />
    </Form>
  );
}
