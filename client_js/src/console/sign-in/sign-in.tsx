import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, type ReactNode, useState } from "react";
import { Form } from "react-aria-components";

import { refusal } from "../api/http";
import { signIn } from "../api/people";
import { Button } from "../kit/button";
import { Field, PasswordField } from "../kit/field";
import { texts } from "../texts";

const words = texts.signIn;

export function Card({
  title,
  text,
  children,
}: {
  title: string;
  text?: ReactNode;
  children: ReactNode;
}) {
  return (
    <main className="door">
      <div className="door-card">
        <svg className="door-mark" viewBox="0 0 64 64" width="40" height="40" aria-hidden="true">
          <rect x="2" y="2" width="60" height="60" rx="18" />
          <path d="M14 40a18 18 0 0 1 36 0zM12 43h40v5H12zM29 16h6v6h-6z" />
        </svg>
        <h1>{title}</h1>
        {text ? <p className="door-text">{text}</p> : null}
        {children}
      </div>
    </main>
  );
}

export function SignIn() {
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const entering = useMutation({
    mutationFn: () => signIn(email.trim(), password),
    onSuccess: () => queries.resetQueries(),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (email.trim() && password) entering.mutate();
  };
  return (
    <Card title={words.title}>
      <Form className="door-form" onSubmit={submit} validationBehavior="aria">
        <p className="form-error" role="alert">
          {entering.error ? problem(entering.error) : ""}
        </p>
        <Field
          label={words.email}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          value={email}
          onChange={setEmail}
          error={tried && !email.trim() ? words.needEmail : undefined}
        />
        <PasswordField
          label={words.password}
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          error={tried && !password ? words.needPassword : undefined}
        />
        <Button type="submit" look="primary" size="large" wide isDisabled={entering.isPending}>
          {entering.isPending ? words.signing : words.action}
        </Button>
      </Form>
      <p className="meta">{words.help}</p>
    </Card>
  );
}

function problem(error: unknown): string {
  const { kind } = refusal(error);
  if (kind === "signed_out" || kind === "denied") return words.wrong;
  return kind === "throttled" ? words.throttled : words.failed;
}
