import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";

import { Refused } from "../api/http";
import { changeRep, type RepChange } from "../api/people";
import { mayManagePeople, mayManageTeam, type Rights } from "../api/rights";
import { type Group, type Rep, type Role, ROLES } from "../api/types";
import { Button } from "../kit/button";
import { Checks } from "../kit/checks";
import { Confirm, Dialog } from "../kit/dialog";
import { NumberField } from "../kit/number-field";
import { Select } from "../kit/select";
import { say } from "../kit/toast";
import { useLiveState } from "../live/use-live";
import { texts } from "../texts";
import { HoursPart } from "./hours-part";
import { PresencePart } from "./presence-part";

import "../styles/times.css";

const words = texts.team;

interface Props {
  rep: Rep;
  groups: readonly Group[];
  rights: Rights;
  onClose: () => void;
}

export function RepDialog({ rep, groups, rights, onClose }: Props) {
  const queries = useQueryClient();
  const me = useLiveState((state) => state.me?.id);
  const [draft, setDraft] = useState({
    role: rep.role,
    capacity: rep.capacity,
    groups: rep.groups,
  });
  const [asking, setAsking] = useState(false);
  const saving = useMutation({
    mutationFn: (change: RepChange) => changeRep(rep.id, change),
    onSuccess: async () => {
      say(words.changed);
      onClose();
      await queries.invalidateQueries({ queryKey: ["reps"] });
      await queries.invalidateQueries({ queryKey: ["groups"] });
    },
  });
  const admin = mayManagePeople(rights);
  const change = changed(rep, draft);
  return (
    <Dialog title={rep.name} size="wide" open onClose={onClose}>
      <Tabs className="tabs">
        <TabList aria-label={rep.name} className="tab-list">
          <Tab id="profile">{words.profile}</Tab>
          <Tab id="hours">{texts.hours.title}</Tab>
          <Tab id="presence">{texts.presenceHistory.title}</Tab>
        </TabList>
        <TabPanel id="hours" className="dialog-body">
          <HoursPart id={rep.id} editable={mayManageTeam(rights)} />
        </TabPanel>
        <TabPanel id="presence" className="dialog-body">
          <PresencePart rep={rep} editable={mayManageTeam(rights) && rep.active && rep.id !== me} />
        </TabPanel>
        <TabPanel id="profile" className="dialog">
          <div className="dialog-body">
            <p className="meta">{rep.email}</p>
            <Select
              label={words.role}
              value={draft.role}
              disabled={!admin}
              choices={ROLES.map((id) => ({
                id,
                name: words.roles[id] ?? id,
                hint: words.roleHints[id],
              }))}
              onChange={(id) => setDraft({ ...draft, role: id as Role })}
            />
            <NumberField
              label={words.capacity}
              value={draft.capacity}
              min={1}
              max={50}
              onChange={(capacity) => setDraft({ ...draft, capacity })}
            />
            {groups.length ? (
              <Checks
                label={words.groups}
                choices={groups}
                value={draft.groups}
                onChange={(next) => setDraft({ ...draft, groups: next })}
              />
            ) : null}
            <p className="form-error" role="alert">
              {saving.error ? messageOf(saving.error) : ""}
            </p>
          </div>
          <footer className="dialog-foot">
            {admin && rep.id !== me ? (
              <Button
                look="quiet"
                onPress={() => (rep.active ? setAsking(true) : saving.mutate({ active: true }))}
              >
                {rep.active ? words.deactivate : words.activate}
              </Button>
            ) : null}
            <span className="spacer" />
            <Button onPress={onClose}>{texts.cancel}</Button>
            <Button
              look="primary"
              isDisabled={Object.keys(change).length === 0 || saving.isPending}
              onPress={() => saving.mutate(change)}
            >
              {texts.save}
            </Button>
          </footer>
        </TabPanel>
      </Tabs>
      <Confirm
        title={words.deactivateTitle(rep.name)}
        text={words.deactivateText}
        action={words.deactivate}
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => saving.mutate({ active: false })}
      />
    </Dialog>
  );
}

/** Only what differs is sent, so that two people editing don't undo each other's other fields. */
function changed(rep: Rep, draft: Pick<Rep, "role" | "capacity" | "groups">): RepChange {
  const sameGroups = [...rep.groups].sort().join() === [...draft.groups].sort().join();
  return {
    ...(draft.role === rep.role ? {} : { role: draft.role }),
    ...(draft.capacity === rep.capacity ? {} : { capacity: draft.capacity }),
    ...(sameGroups ? {} : { groups: draft.groups }),
  };
}

/** The server's own sentence where it refused for a reason ("the last admin"). */
export function messageOf(error: unknown): string {
  return error instanceof Refused && error.status < 500 && error.message
    ? error.message
    : words.notChanged;
}
