import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Pencil, Plus, UsersRound } from "lucide-react";
import { useState } from "react";

import { deleteGroup, putGroup } from "../api/people";
import { mayManageTeam, type Rights } from "../api/rights";
import type { Group, Rep } from "../api/types";
import { standingOf } from "../inbox/standing";
import { Avatar } from "../kit/avatar";
import { Blank } from "../kit/blank";
import { Button, IconButton } from "../kit/button";
import { Checks } from "../kit/checks";
import { Confirm, Dialog } from "../kit/dialog";
import { Field } from "../kit/field";
import { say } from "../kit/toast";
import { presenceOf, useLiveState } from "../live/use-live";
import { texts } from "../texts";
import { messageOf } from "./rep-dialog";

const words = texts.team;
const FACES = 8;

interface Props {
  reps: readonly Rep[];
  groups: readonly Group[];
  rights: Rights;
}

export function Groups({ reps, groups, rights }: Props) {
  const [editing, setEditing] = useState<string | null>(null);
  const may = mayManageTeam(rights);
  const add = may ? (
    <Button icon={<Plus size={16} />} onPress={() => setEditing("")}>
      {words.newGroup}
    </Button>
  ) : null;
  const edited = groups.find((group) => group.id === editing) ?? null;
  return (
    <>
      {groups.length ? <div className="page-tools">{add}</div> : null}
      {groups.length === 0 ? (
        <Blank icon={<UsersRound />} action={add}>
          {may ? words.noGroupsAdmin : words.noGroups}
        </Blank>
      ) : (
        <ul className="cards">
          {groups.map((group) => (
            <GroupCard
              key={group.id}
              group={group}
              reps={reps}
              {...(may ? { onEdit: () => setEditing(group.id) } : {})}
            />
          ))}
        </ul>
      )}
      {editing !== null && (edited || editing === "") ? (
        <GroupDialog group={edited} reps={reps} onClose={() => setEditing(null)} />
      ) : null}
    </>
  );
}

function GroupCard({
  group,
  reps,
  onEdit,
}: {
  group: Group;
  reps: readonly Rep[];
  onEdit?: () => void;
}) {
  const presence = useLiveState(presenceOf);
  const standing = new Map(presence.map((one) => [one.rep.id, standingOf(one)]));
  const members = reps.filter((rep) => group.members.includes(rep.id));
  const here = members.filter((rep) => standing.get(rep.id) === "available").length;
  return (
    <li className="card">
      <div className="card-head">
        <h2 className="clip" dir="auto">
          {group.name}
        </h2>
        {onEdit ? (
          <IconButton size="small" label={words.editGroup(group.name)} onPress={onEdit}>
            <Pencil size={15} />
          </IconButton>
        ) : null}
      </div>
      <p className="meta num">
        {words.members(members.length)} · {texts.transfer.groupHere(here)}
      </p>
      <div className="faces">
        {members.slice(0, FACES).map((rep) => (
          <span key={rep.id} title={rep.name}>
            <Avatar
              id={rep.id}
              name={rep.name}
              picture={rep.picture}
              standing={standing.get(rep.id) ?? "offline"}
            />
          </span>
        ))}
        {members.length > FACES ? (
          <span className="meta num">+{members.length - FACES}</span>
        ) : null}
      </div>
    </li>
  );
}

function GroupDialog({
  group,
  reps,
  onClose,
}: {
  group: Group | null;
  reps: readonly Rep[];
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const [name, setName] = useState(group?.name ?? "");
  const [members, setMembers] = useState<readonly string[]>(group?.members ?? []);
  const [asking, setAsking] = useState(false);
  const onSuccess = async () => {
    onClose();
    await queries.invalidateQueries({ queryKey: ["groups"] });
    await queries.invalidateQueries({ queryKey: ["reps"] });
  };
  const saving = useMutation({
    mutationFn: () => putGroup(group?.id ?? null, { name: name.trim(), members }),
    onSuccess: () => {
      say(words.changed);
      return onSuccess();
    },
  });
  const deleting = useMutation({ mutationFn: deleteGroup, onSuccess });
  const error = saving.error ?? deleting.error;
  return (
    <Dialog title={group ? words.editGroup(group.name) : words.newGroup} open onClose={onClose}>
      <div className="dialog-body">
        <Field
          label={words.groupName}
          value={name}
          onChange={setName}
          maxLength={60}
          autoFocus={!group}
        />
        <Checks
          label={words.membersLabel}
          choices={reps.filter((rep) => rep.active)}
          value={members}
          onChange={setMembers}
        />
        <p className="form-error" role="alert">
          {error ? messageOf(error) : ""}
        </p>
      </div>
      <footer className="dialog-foot">
        {group ? (
          <Button look="quiet" onPress={() => setAsking(true)}>
            {words.deleteGroup}
          </Button>
        ) : null}
        <span className="spacer" />
        <Button onPress={onClose}>{texts.cancel}</Button>
        <Button
          look="primary"
          isDisabled={!name.trim() || saving.isPending}
          onPress={() => saving.mutate()}
        >
          {texts.save}
        </Button>
      </footer>
      {group ? (
        <Confirm
          title={words.deleteGroupTitle(group.name)}
          text={words.deleteGroupText}
          action={words.delete}
          open={asking}
          onClose={() => setAsking(false)}
          onConfirm={() => deleting.mutate(group.id)}
        />
      ) : null}
    </Dialog>
  );
}
