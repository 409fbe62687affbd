/** Who owns which person or company (RT-7, RT-9): a table to search, change, and fill from CSV. */
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Contact, FileUp, Plus, SearchX, Trash2, UserRoundX } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { deleteOwner, type Owner, ownersQuery, putOwner } from "../api/desk-data";
import { Avatar } from "../kit/avatar";
import { Blank, Failing, Skeleton } from "../kit/blank";
import { Button, IconButton } from "../kit/button";
import { Finder } from "../kit/field";
import { Ago } from "../kit/now";
import { useSettled } from "../kit/settled";
import { say } from "../kit/toast";
import { texts } from "../texts";
import { ImportDialog, OwnerDialog } from "./owner-dialogs";
import { type Known, useNames } from "./use-names";

const words = texts.routing.owners;
const ROW = 52;

export function Owners() {
  const known = useNames();
  const [find, setFind] = useState("");
  const [adding, setAdding] = useState(false);
  const [importing, setImporting] = useState(false);
  const search = useSettled(find.trim(), 250);
  const asked = useInfiniteQuery(ownersQuery(search));
  const rows = asked.data?.pages.flatMap((page) => page.owners) ?? [];
  return (
    <div className="page-body fixed">
      <div className="page-tools">
        <Finder label={words.find} value={find} onChange={setFind} />
        <span className="spacer" />
        <Button icon={<FileUp size={15} />} onPress={() => setImporting(true)}>
          {words.import}
        </Button>
        <Button look="primary" icon={<Plus size={15} />} onPress={() => setAdding(true)}>
          {words.add}
        </Button>
      </div>
      {asked.error && rows.length === 0 ? (
        <Failing error={asked.error} title={words.failing} retry={() => void asked.refetch()} />
      ) : asked.isPending ? (
        <Skeleton rows={8} height={ROW} words={texts.loading} />
      ) : rows.length > 0 ? (
        <Rows
          rows={rows}
          known={known}
          more={asked.hasNextPage}
          onMore={() => void asked.fetchNextPage()}
        />
      ) : search ? (
        <Blank icon={<SearchX />}>{words.none}</Blank>
      ) : (
        <Blank icon={<Contact />} title={words.empty}>
          {words.emptyText}
        </Blank>
      )}
      {adding ? <OwnerDialog onClose={() => setAdding(false)} /> : null}
      {importing ? <ImportDialog onClose={() => setImporting(false)} /> : null}
    </div>
  );
}

interface RowsProps {
  rows: readonly Owner[];
  known: Known;
  more: boolean;
  onMore: () => void;
}

function Rows({ rows, known, more, onMore }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualizer mutates itself
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const atEnd = (items[items.length - 1]?.index ?? 0) >= rows.length - 5;
  useEffect(() => {
    if (more && atEnd) onMore();
  }, [more, atEnd, onMore]);
  const { columns } = words;
  return (
    <div className="table owners" role="table" aria-label={words.title} aria-rowcount={-1}>
      <div className="table-head" role="row">
        <span role="columnheader">{columns.key}</span>
        <span role="columnheader">{columns.kind}</span>
        <span role="columnheader">{columns.rep}</span>
        <span role="columnheader">{columns.updated}</span>
        <span role="columnheader" className="unseen">
          {texts.team.delete}
        </span>
      </div>
      <div className="table-body" ref={box} role="rowgroup" tabIndex={0}>
        <div className="virtual" role="presentation" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const owner = rows[item.index];
            return owner ? (
              <div
                key={owner.id}
                role="row"
                aria-rowindex={item.index + 2}
                className="table-row"
                style={{ transform: `translateY(${item.start}px)`, height: ROW }}
              >
                <Cells owner={owner} known={known} />
              </div>
            ) : null;
          })}
        </div>
      </div>
    </div>
  );
}

function Cells({ owner, known }: { owner: Owner; known: Known }) {
  return (
    <>
      <span role="cell" className="cell-words">
        <b className="clip" dir="auto" title={owner.key}>
          {owner.key}
        </b>
        {owner.name ? (
          <span className="meta clip" dir="auto">
            {owner.name}
          </span>
        ) : null}
      </span>
      <span role="cell" className="clip">
        {words.kinds[owner.kind]}
      </span>
      <span role="cell" className="cell-who">
        <OwnedBy owner={owner} known={known} />
      </span>
      <span role="cell" className="meta clip">
        <Ago at={owner.updated_at} />
      </span>
      <span role="cell" className="cell-tool">
        <Remove owner={owner} />
      </span>
    </>
  );
}

function OwnedBy({ owner, known }: { owner: Owner; known: Known }) {
  if (owner.rep_id === null) {
    return (
      <>
        <UserRoundX size={18} aria-hidden="true" className="amber-icon" />
        <span
          className="cell-words"
          title={owner.rep_email ? words.unmappedText(owner.rep_email) : undefined}
        >
          <span className="clip">{owner.rep_email || texts.none}</span>
          {owner.rep_email ? <span className="meta clip">{words.unmapped}</span> : null}
        </span>
      </>
    );
  }
  const name = known.reps.get(owner.rep_id) ?? owner.rep_email;
  return (
    <>
      <Avatar id={owner.rep_id} name={name} size={24} />
      <span className="clip" dir="auto">
        {name}
      </span>
    </>
  );
}

function Remove({ owner }: { owner: Owner }) {
  const queries = useQueryClient();
  const renew = () => queries.invalidateQueries({ queryKey: ["owners"] });
  const back = () => {
    const { kind, key, rep_email, name } = owner;
    void putOwner({ kind, key, rep_email, name }).then(renew);
  };
  const removing = useMutation({
    mutationFn: () => deleteOwner(owner.id),
    onSuccess: () => {
      say(words.deleted(owner.key), { action: { name: texts.undo, run: back } });
      return renew();
    },
    onError: () => say(words.failed, { bad: true }),
  });
  return (
    <IconButton
      size="small"
      place="left"
      label={words.delete(owner.key)}
      isDisabled={removing.isPending}
      onPress={() => removing.mutate()}
    >
      <Trash2 size={15} />
    </IconButton>
  );
}
