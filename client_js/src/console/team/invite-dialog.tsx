import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { Form } from "react-aria-components";

import { Refused } from "../api/http";
import { groupsQuery, invite } from "../api/people";
import { type Role, ROLES } from "../api/types";
import { Button } from "../kit/button";
import { Checks } from "../kit/checks";
import { Dialog } from "../kit/dialog";
import { Field } from "../kit/field";
import { Select } from "../kit/select";
import { say } from "../kit/toast";
import { texts } from "../texts";
import { CopyLink } from "./copy-link";

const words = texts.invite;

export function InviteDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog title={words.title} open={open} onClose={onClose}>
      {open ? <InviteForm onClose={onClose} /> : null}
    </Dialog>
  );
}

function InviteForm({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const known = useQuery(groupsQuery).data ?? [];
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("rep");
  const [groups, setGroups] = useState<readonly string[]>([]);
  const inviting = useMutation({
    mutationFn: () => invite({ email: email.trim(), role, groups }),
    onSuccess: async () => {
      say(words.sent(email.trim()));
      setEmail("");
      await queries.invalidateQueries({ queryKey: ["invitations"] });
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (email.trim()) inviting.mutate();
  };
  const error = inviting.error;
  const ours = error instanceof Refused && error.status < 500;
  return (
    <Form onSubmit={submit} validationBehavior="aria" className="dialog">
      <div className="dialog-body">
        <Field
          label={words.email}
          type="email"
          autoComplete="off"
          autoFocus
          value={email}
          onChange={setEmail}
          error={error ? (ours && error.message) || words.failed : undefined}
        />
        <Select
          label={words.role}
          value={role}
          choices={ROLES.map((id) => ({
            id,
            name: texts.team.roles[id] ?? id,
            hint: texts.team.roleHints[id],
          }))}
          onChange={(id) => setRole(id as Role)}
        />
        {known.length ? (
          <Checks label={words.groups} choices={known} value={groups} onChange={setGroups} />
        ) : null}
        {inviting.data?.link ? <CopyLink link={inviting.data.link} /> : null}
      </div>
      <footer className="dialog-foot">
        <Button onPress={onClose}>{texts.close}</Button>
        <Button type="submit" look="primary" isDisabled={!email.trim() || inviting.isPending}>
          {words.send}
        </Button>
      </footer>
    </Form>
  );
}
