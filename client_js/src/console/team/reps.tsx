import { useVirtualizer } from "@tanstack/react-virtual";
import { Pencil } from "lucide-react";
import { useMemo, useRef, useState } from "react";

import type { PresencePush } from "../../protocol/index.ts";
import { mayManagePeople, mayManageTeam, type Rights } from "../api/rights";
import type { Group, Rep } from "../api/types";
import { standingOf, standingWords } from "../inbox/standing";
import { Avatar } from "../kit/avatar";
import { Blank } from "../kit/blank";
import { IconButton } from "../kit/button";
import { Finder } from "../kit/field";
import { presenceOf, useLiveState } from "../live/use-live";
import { texts } from "../texts";
import { RepDialog } from "./rep-dialog";

const words = texts.team;
const ROW = 56;

interface Props {
  reps: readonly Rep[];
  groups: readonly Group[];
  rights: Rights;
}

export function Reps({ reps, groups, rights }: Props) {
  const presence = useLiveState(presenceOf);
  const [find, setFind] = useState("");
  const [editing, setEditing] = useState<string | null>(null);
  const standing = useMemo(() => new Map(presence.map((one) => [one.rep.id, one])), [presence]);
  const shown = useMemo(() => matching(reps, find), [reps, find]);
  const names = useMemo(() => new Map(groups.map((group) => [group.id, group.name])), [groups]);
  const edited = reps.find((rep) => rep.id === editing);
  return (
    <>
      <div className="page-tools">
        <Finder label={words.find} value={find} onChange={setFind} />
        {reps.length === 1 ? (
          <p className="meta">{mayManagePeople(rights) ? words.aloneAdmin : words.alone}</p>
        ) : null}
      </div>
      {shown.length === 0 ? (
        <Blank small>{words.noneFound}</Blank>
      ) : (
        <Rows
          reps={shown}
          standing={standing}
          names={names}
          {...(mayManageTeam(rights) ? { onEdit: setEditing } : {})}
        />
      )}
      {edited ? (
        <RepDialog rep={edited} groups={groups} rights={rights} onClose={() => setEditing(null)} />
      ) : null}
    </>
  );
}

/** By name or address; those who left stand last. */
function matching(reps: readonly Rep[], find: string): Rep[] {
  const wanted = find.trim().toLocaleLowerCase();
  return reps
    .filter((rep) => `${rep.name} ${rep.email}`.toLocaleLowerCase().includes(wanted))
    .sort((a, b) => Number(b.active) - Number(a.active) || a.name.localeCompare(b.name));
}

interface RowsProps {
  reps: readonly Rep[];
  standing: ReadonlyMap<string, PresencePush>;
  names: ReadonlyMap<string, string>;
  onEdit?: (id: string) => void;
}

function Rows({ reps, standing, names, onEdit }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualizer mutates itself
  const virtual = useVirtualizer({
    count: reps.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  return (
    <div className="table" role="table" aria-label={words.reps} aria-rowcount={reps.length + 1}>
      <div className="table-head" role="row">
        <span role="columnheader">{words.name}</span>
        <span role="columnheader">{words.status}</span>
        <span role="columnheader">{words.groups}</span>
        <span role="columnheader">{words.role}</span>
        <span role="columnheader" className="unseen">
          {words.editTitle}
        </span>
      </div>
      <div className="table-body" ref={box} role="rowgroup" tabIndex={0}>
        <div className="virtual" role="presentation" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const rep = reps[item.index];
            return rep ? (
              <div
                key={rep.id}
                role="row"
                aria-rowindex={item.index + 2}
                className={rep.active ? "table-row" : "table-row over"}
                style={{ transform: `translateY(${item.start}px)`, height: ROW }}
              >
                <RepCells
                  rep={rep}
                  presence={standing.get(rep.id)}
                  names={names}
                  {...(onEdit ? { onEdit } : {})}
                />
              </div>
            ) : null;
          })}
        </div>
      </div>
    </div>
  );
}

interface CellsProps {
  rep: Rep;
  presence: PresencePush | undefined;
  names: ReadonlyMap<string, string>;
  onEdit?: (id: string) => void;
}

function RepCells({ rep, presence, names, onEdit }: CellsProps) {
  const me = useLiveState((state) => state.me?.id);
  const groups = rep.groups
    .map((id) => names.get(id))
    .filter(Boolean)
    .join(", ");
  return (
    <>
      <span role="cell" className="cell-who">
        <Avatar
          id={rep.id}
          name={rep.name}
          picture={rep.picture}
          standing={presence ? standingOf(presence) : "offline"}
        />
        <span className="cell-words">
          <b className="clip" dir="auto">
            {rep.name}
            {rep.id === me ? <span className="meta"> · {texts.you}</span> : null}
          </b>
          <span className="meta clip">{rep.email}</span>
        </span>
      </span>
      <span role="cell" className="num clip">
        {!rep.active
          ? words.deactivated
          : presence
            ? standingWords(presence)
            : texts.presence.offline}
      </span>
      <span role="cell" className="clip" title={groups}>
        {groups || <span className="meta">{texts.none}</span>}
      </span>
      <span role="cell" className="clip">
        {words.roles[rep.role]}
      </span>
      <span role="cell" className="cell-tool">
        {onEdit ? (
          <IconButton
            size="small"
            label={words.edit(rep.name)}
            place="left"
            onPress={() => onEdit(rep.id)}
          >
            <Pencil size={15} />
          </IconButton>
        ) : null}
      </span>
    </>
  );
}
