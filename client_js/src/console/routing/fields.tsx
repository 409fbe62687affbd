/** The desk's own visitor fields (VS-3). */
import { useQuery } from "@tanstack/react-query";
import { ListPlus, Pencil, Plus } from "lucide-react";
import { useState } from "react";

import { type VisitorField, visitorFieldsQuery } from "../api/desk-data";
import { Blank, Failing, Skeleton } from "../kit/blank";
import { Button, IconButton } from "../kit/button";
import { texts } from "../texts";
import { FieldDialog } from "./field-dialog";

const words = texts.routing.fields;

export function Fields() {
  const { data, error, refetch } = useQuery(visitorFieldsQuery);
  const [editing, setEditing] = useState<string | null>(null);
  const add = (
    <Button look="primary" icon={<Plus size={15} />} onPress={() => setEditing("")}>
      {words.add}
    </Button>
  );
  if (error && !data) {
    return <Failing error={error} title={words.failing} retry={() => void refetch()} />;
  }
  if (!data) return <Skeleton rows={4} height={72} words={texts.loading} />;
  const edited = data.find((field) => field.name === editing) ?? null;
  return (
    <div className="page-body">
      {data.length ? (
        <div className="page-tools spread">
          <p className="meta">{words.text}</p>
          {add}
        </div>
      ) : null}
      {data.length === 0 ? (
        <Blank icon={<ListPlus />} title={words.empty} action={add}>
          {words.emptyText}
        </Blank>
      ) : (
        <ul className="cards">
          {data.map((field) => (
            <FieldCard key={field.name} field={field} onEdit={() => setEditing(field.name)} />
          ))}
        </ul>
      )}
      {editing !== null ? (
        <FieldDialog
          field={edited}
          taken={data.map((field) => field.name)}
          onClose={() => setEditing(null)}
        />
      ) : null}
    </div>
  );
}

function FieldCard({ field, onEdit }: { field: VisitorField; onEdit: () => void }) {
  const values = field.values.join(", ");
  return (
    <li className="card">
      <div className="card-head">
        <h2 className="clip" dir="auto">
          {field.label}
        </h2>
        <IconButton size="small" label={words.edit(field.label)} onPress={onEdit}>
          <Pencil size={15} />
        </IconButton>
      </div>
      <p className="meta clip">
        {words.types[field.type]} · <code>{words.key(field.name)}</code>
      </p>
      {values ? (
        <p className="clip" title={values} dir="auto">
          {values}
        </p>
      ) : null}
    </li>
  );
}
