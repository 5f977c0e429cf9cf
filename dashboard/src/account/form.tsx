import { useState, type FormEvent, type ReactNode } from "react";

interface FormProps {
  label: string;
  children: ReactNode;
  submit: (values: Record<string, string>) => Promise<void>;
}

/** A form that says why it was refused, and can't be sent twice at once. */
export function Form({ label, children, submit }: FormProps) {
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      await submit(Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>);
    } catch (refused) {
      setProblem(refused instanceof Error ? refused.message : String(refused));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="plera-form" onSubmit={(event) => void send(event)}>
      {children}
      {problem && <p role="alert">{problem}</p>}
      <button type="submit" disabled={isBusy}>
        {label}
      </button>
    </form>
  );
}

interface FieldProps {
  label: string;
  name: string;
  type?: string;
  complete: string;
  min?: number;
  placeholder?: string;
}

/** One required line of text under its label. */
export function Field({ label, name, type = "text", complete, min, placeholder }: FieldProps) {
  return (
    <label>
      {label}
      <input name={name} type={type} autoComplete={complete} minLength={min} placeholder={placeholder} required />
    </label>
  );
}
