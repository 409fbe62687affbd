/** The rep's own page: name, password, rings, keys, appearance, signing out. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, type ReactNode, useState } from "react";
import { Form } from "react-aria-components";

import { Refused } from "../api/http";
import { changeMe, changePassword, meQuery, signOut, signOutEverywhere } from "../api/people";
import type { Rep } from "../api/types";
import { Failing, Skeleton } from "../kit/blank";
import { Button } from "../kit/button";
import { Confirm } from "../kit/dialog";
import { Field, PasswordField, Switch } from "../kit/field";
import { Select } from "../kit/select";
import { say } from "../kit/toast";
import { type Settings, set, useSettings } from "../settings";
import { SHORTEST_PASSWORD } from "../sign-in/invitation";
import { texts } from "../texts";
import { RingSettings } from "./ring-settings";

const words = texts.account;

export function Account() {
  const { data, error, refetch } = useQuery(meQuery);
  return (
    <main className="page" aria-label={words.title}>
      <header className="page-head">
        <h1>{words.title}</h1>
      </header>
      <div className="page-body">
        {data ? (
          <div className="sections">
            <Profile key={data.name} me={data} />
            <RingSettings />
            <Appearance />
            <Password email={data.email} />
            <SigningOut />
          </div>
        ) : error ? (
          <Failing error={error} title={words.failing} retry={() => void refetch()} />
        ) : (
          <Skeleton rows={5} height={64} words={texts.loading} />
        )}
      </div>
    </main>
  );
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="section">
      <h2>{title}</h2>
      <div className="section-body">{children}</div>
    </section>
  );
}

function Profile({ me }: { me: Rep }) {
  const queries = useQueryClient();
  const [name, setName] = useState(me.name);
  const saving = useMutation({
    mutationFn: () => changeMe({ name: name.trim() }),
    onSuccess: async () => {
      say(texts.saved);
      await queries.invalidateQueries({ queryKey: ["me"] });
      await queries.invalidateQueries({ queryKey: ["reps"] });
    },
    onError: () => say(words.failed, { bad: true }),
  });
  const same = name.trim() === me.name || !name.trim();
  return (
    <Section title={words.profile}>
      <Form
        className="row-form"
        onSubmit={(event: SyntheticEvent) => {
          event.preventDefault();
          if (!same) saving.mutate();
        }}
      >
        <Field
          label={words.name}
          hint={words.nameHint}
          value={name}
          onChange={setName}
          maxLength={100}
        />
        <Button type="submit" isDisabled={same || saving.isPending}>
          {texts.save}
        </Button>
      </Form>
      <dl className="facts">
        <dt>{words.email}</dt>
        <dd>{me.email}</dd>
        <dt>{words.role}</dt>
        <dd>{texts.team.roles[me.role]}</dd>
      </dl>
    </Section>
  );
}

function Appearance() {
  const { theme, singleKeys } = useSettings();
  return (
    <Section title={words.look}>
      <Select
        label={words.theme}
        value={theme}
        choices={Object.entries(words.themes).map(([id, name]) => ({ id, name }))}
        onChange={(id) => set({ theme: id as Settings["theme"] })}
      />
      <Switch
        label={words.singleKeys}
        hint={words.singleKeysHint}
        on={singleKeys}
        onChange={(on) => set({ singleKeys: on })}
      />
    </Section>
  );
}

function Password({ email }: { email: string }) {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [tried, setTried] = useState(false);
  const changing = useMutation({
    mutationFn: () => changePassword(current, next),
    onSuccess: () => {
      say(words.passwordChanged);
      setCurrent("");
      setNext("");
      setTried(false);
    },
  });
  const short = next.length < SHORTEST_PASSWORD;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (current && !short) changing.mutate();
  };
  return (
    <Section title={words.password}>
      <Form className="door-form" onSubmit={submit} validationBehavior="aria">
        <input
          className="unseen"
          type="text"
          autoComplete="username"
          value={email}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <PasswordField
          label={words.current}
          autoComplete="current-password"
          value={current}
          onChange={setCurrent}
          error={currentProblem(tried && !current, changing.error)}
        />
        <PasswordField
          label={words.next}
          hint={texts.join.passwordHint}
          autoComplete="new-password"
          value={next}
          onChange={setNext}
          error={tried && short ? texts.join.shortPassword : fieldsOf(changing.error)["password"]}
        />
        <div>
          <Button type="submit" isDisabled={changing.isPending}>
            {words.changePassword}
          </Button>
        </div>
      </Form>
    </Section>
  );
}

const fieldsOf = (error: unknown) => (error instanceof Refused ? error.fields : {});

function currentProblem(missing: boolean, error: unknown): string | undefined {
  if (missing) return texts.signIn.needPassword;
  if (!error || fieldsOf(error)["password"]) return undefined;
  const refused = error instanceof Refused && error.status < 500;
  if (refused && error.status === 429) return texts.signIn.throttled;
  return refused ? words.wrongPassword : words.failed;
}

function SigningOut() {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const onSuccess = () => queries.resetQueries();
  const onError = () => say(words.failed, { bad: true });
  const here = useMutation({ mutationFn: signOut, onSuccess, onError });
  const everywhere = useMutation({ mutationFn: signOutEverywhere, onSuccess, onError });
  return (
    <Section title={words.session}>
      <div className="switch-like">
        <p>{words.signOutHere}</p>
        <Button isDisabled={here.isPending} onPress={() => here.mutate()}>
          {words.signOut}
        </Button>
      </div>
      <div className="switch-like">
        <p>{words.signOutAllHint}</p>
        <Button isDisabled={everywhere.isPending} onPress={() => setAsking(true)}>
          {words.signOutAll}
        </Button>
      </div>
      <Confirm
        title={words.signOutAllTitle}
        text={words.signOutAllText}
        action={words.signOutAll}
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => everywhere.mutate()}
      />
    </Section>
  );
}
