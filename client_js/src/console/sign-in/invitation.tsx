import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { Form } from "react-aria-components";

import { refusal, Refused } from "../api/http";
import { accept, invitationQuery } from "../api/people";
import { Failing, useLate } from "../kit/blank";
import { Button } from "../kit/button";
import { Field, PasswordField } from "../kit/field";
import { texts } from "../texts";
import { Card } from "./sign-in";

const words = texts.join;
export const SHORTEST_PASSWORD = 10;

export function Invitation({ token }: { token: string }) {
  const late = useLate(400);
  const { data, error, refetch } = useQuery(invitationQuery(token));
  if (data) return <Join token={token} email={data.email} by={data.invited_by} />;
  if (error instanceof Refused && error.status < 500) return <Expired />;
  if (error) return <Failing error={error} title={words.failing} retry={() => void refetch()} />;
  return (
    <div className="opening" role="status">
      {late ? texts.loading : ""}
    </div>
  );
}

function Expired() {
  return (
    <Card title={words.expiredTitle} text={words.expiredText}>
      <Button wide onPress={() => (location.hash = "#/inbox")}>
        {words.toSignIn}
      </Button>
    </Card>
  );
}

function Join({ token, email, by }: { token: string; email: string; by: string }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const joining = useMutation({
    mutationFn: () => accept(token, name.trim(), password),
    onSuccess: async () => {
      location.hash = "#/inbox";
      await queries.resetQueries();
    },
  });
  const short = password.length < SHORTEST_PASSWORD;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() && !short) joining.mutate();
  };
  const fields = joining.error instanceof Refused ? joining.error.fields : {};
  return (
    <Card title={words.title} text={by ? words.invited(by) : words.invitedPlain}>
      <Form className="door-form" onSubmit={submit} validationBehavior="aria">
        <p className="form-error" role="alert">
          {joining.error && Object.keys(fields).length === 0 ? problem(joining.error) : ""}
        </p>
        <Field label={texts.signIn.email} value={email} isReadOnly autoComplete="username" />
        <Field
          label={words.name}
          hint={words.nameHint}
          autoComplete="name"
          autoFocus
          maxLength={100}
          value={name}
          onChange={setName}
          error={tried && !name.trim() ? words.needName : fields["name"]}
        />
        <PasswordField
          label={words.password}
          hint={words.passwordHint}
          autoComplete="new-password"
          value={password}
          onChange={setPassword}
          error={tried && short ? words.shortPassword : fields["password"]}
        />
        <Button type="submit" look="primary" size="large" wide isDisabled={joining.isPending}>
          {joining.isPending ? words.joining : words.action}
        </Button>
      </Form>
    </Card>
  );
}

function problem(error: unknown): string {
  return refusal(error).kind === "missing" ? words.expiredTitle : texts.signIn.failed;
}
