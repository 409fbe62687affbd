/** Gives a conversation to a rep, a group, or back to its rule (CH-4). */
import { useQuery } from "@tanstack/react-query";
import { Undo2, UsersRound } from "lucide-react";
import { useMemo, useState } from "react";
import {
  Autocomplete,
  Header,
  Input,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  SearchField,
  useFilter,
} from "react-aria-components";

import type { Conversation, PresencePush } from "../../protocol/index.ts";
import { groupsQuery } from "../api/people";
import type { Group } from "../api/types";
import { chatName } from "../format";
import { Avatar } from "../kit/avatar";
import { Button } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Field } from "../kit/field";
import { reachable } from "../kit/reachable";
import { say } from "../kit/toast";
import { presenceOf, useLive, useLiveState } from "../live/use-live";
import { texts } from "../texts";
import { byReadiness, standingOf, standingWords } from "./standing";

interface Props {
  conversation: Conversation | null;
  onClose: () => void;
}

export function TransferDialog({ conversation, onClose }: Props) {
  return (
    <Dialog title={texts.transfer.title} open={conversation !== null} onClose={onClose}>
      {conversation ? <TransferForm conversation={conversation} onClose={onClose} /> : null}
    </Dialog>
  );
}

function TransferForm({
  conversation,
  onClose,
}: {
  conversation: Conversation;
  onClose: () => void;
}) {
  const live = useLive();
  const me = useLiveState((state) => state.me?.id ?? "");
  const presence = useLiveState(presenceOf);
  const groups = useQuery(groupsQuery);
  const [picked, setPicked] = useState("");
  const [note, setNote] = useState("");
  const reps = useMemo(
    () => presence.filter((one) => one.rep.id !== me).sort(byReadiness),
    [presence, me],
  );
  const give = async () => {
    onClose();
    const to = nameOf(picked, reps, groups.data ?? []);
    try {
      await live.transfer(conversation.id, targetOf(picked, note.trim()));
      say(to ? texts.transfer.done(to) : texts.transfer.doneRule);
    } catch {
      say(texts.transfer.failed, { bad: true });
    }
  };
  return (
    <>
      <div className="dialog-body transfer">
        <p className="meta">{chatName(conversation)}</p>
        <Targets reps={reps} groups={groups.data ?? []} onPick={setPicked} picked={picked} />
        {groups.error ? <p className="field-error">{texts.transfer.groupsFailed}</p> : null}
        <Warning picked={picked} reps={reps} />
        <Field
          label={texts.transfer.note}
          hint={texts.transfer.noteHint}
          value={note}
          onChange={setNote}
          maxLength={500}
        />
      </div>
      <footer className="dialog-foot">
        <Button onPress={onClose}>{texts.cancel}</Button>
        <Button look="primary" isDisabled={picked === ""} onPress={() => void give()}>
          {texts.transfer.action}
        </Button>
      </footer>
    </>
  );
}

function Targets(props: {
  reps: readonly PresencePush[];
  groups: readonly Group[];
  picked: string;
  onPick: (key: string) => void;
}) {
  const { reps, groups, picked, onPick } = props;
  const { contains } = useFilter({ sensitivity: "base" });
  const free = new Set(
    reps.filter((one) => standingOf(one) === "available").map((one) => one.rep.id),
  );
  return (
    <Autocomplete filter={contains}>
      <SearchField aria-label={texts.transfer.find} className="finder" autoFocus>
        <Input className="input no-icon" placeholder={texts.transfer.find} />
      </SearchField>
      <ListBox
        ref={reachable}
        className="targets"
        aria-label={texts.transfer.title}
        selectionMode="single"
        selectedKeys={picked ? [picked] : []}
        onSelectionChange={(keys) => onPick(keys === "all" ? "" : String([...keys][0] ?? ""))}
        renderEmptyState={() => <p className="meta targets-none">{texts.transfer.nobody}</p>}
      >
        <ListBoxItem id="rule" textValue={texts.transfer.rule} className="menu-item target">
          <span className="avatar of-32 tint-4" aria-hidden="true">
            <Undo2 size={16} />
          </span>
          <span className="menu-words">
            <span>{texts.transfer.rule}</span>
            <span className="meta">{texts.transfer.ruleHint}</span>
          </span>
        </ListBoxItem>
        <ListBoxSection id="groups">
          {groups.length ? <Header>{texts.transfer.groups}</Header> : null}
          {groups.map((group) => (
            <ListBoxItem
              key={group.id}
              id={`group:${group.id}`}
              textValue={group.name}
              className="menu-item target"
            >
              <span className="avatar of-32 tint-7" aria-hidden="true">
                <UsersRound size={16} />
              </span>
              <span className="menu-words">
                <span className="clip">{group.name}</span>
                <span className="meta">
                  {texts.transfer.groupHere(group.members.filter((id) => free.has(id)).length)}
                </span>
              </span>
            </ListBoxItem>
          ))}
        </ListBoxSection>
        <ListBoxSection id="reps">
          {reps.length ? <Header>{texts.transfer.reps}</Header> : null}
          {reps.map((one) => (
            <ListBoxItem
              key={one.rep.id}
              id={`rep:${one.rep.id}`}
              textValue={one.rep.name}
              className="menu-item target"
            >
              <Avatar
                id={one.rep.id}
                name={one.rep.name}
                picture={one.rep.picture}
                standing={standingOf(one)}
              />
              <span className="menu-words">
                <span className="clip">{one.rep.name}</span>
                <span className="meta num">{standingWords(one)}</span>
              </span>
            </ListBoxItem>
          ))}
        </ListBoxSection>
      </ListBox>
    </Autocomplete>
  );
}

/** One line of fixed height under the list. */
function Warning({ picked, reps }: { picked: string; reps: readonly PresencePush[] }) {
  const rep = reps.find((one) => `rep:${one.rep.id}` === picked);
  const away = rep && standingOf(rep) !== "available";
  return (
    <p className="transfer-warning" role="status">
      {away ? texts.transfer.awayWarning(rep.rep.name) : ""}
    </p>
  );
}

function targetOf(picked: string, note: string) {
  const [kind, id = ""] = picked.split(":");
  return {
    ...(kind === "rep" ? { rep: id } : {}),
    ...(kind === "group" ? { group: id } : {}),
    ...(note ? { note } : {}),
  };
}

function nameOf(picked: string, reps: readonly PresencePush[], groups: readonly Group[]): string {
  const rep = reps.find((one) => `rep:${one.rep.id}` === picked);
  const group = groups.find((one) => `group:${one.id}` === picked);
  return rep?.rep.name ?? group?.name ?? "";
}
