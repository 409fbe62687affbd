/** What is known of the person, and the desk's own fields; what isn't known yet can be added. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { About } from "../../protocol/index.ts";
import { visitorFieldsQuery } from "../api/desk-data";
import { Pick } from "../kit/pick";
import { texts } from "../texts";
import { Field } from "./field";
import { fieldRows, personRows, type Row } from "./known";
import { Part } from "./part";

const words = texts.visitor;
const NONE: readonly never[] = [];

interface Props {
  visitor: About;
  conversation: string;
  editable: boolean;
}

export function Fields({ visitor, conversation, editable }: Props) {
  const { data: declared = NONE } = useQuery({ ...visitorFieldsQuery, retry: false });
  const [added, setAdded] = useState<string | null>(null);
  const person = personRows(visitor);
  const own = fieldRows(visitor, declared);
  const isShown = (row: Row) => row.value !== null || row.name === added;
  const missing = (rows: readonly Row[]) => rows.filter((row) => !isShown(row));
  const list = (rows: readonly Row[]) => (
    <dl className="facts editable">
      {rows.filter(isShown).map((row) => (
        <Field
          key={row.name}
          row={row}
          conversation={conversation}
          editable={editable}
          fresh={row.name === added}
          onDone={() => setAdded(null)}
        />
      ))}
    </dl>
  );
  const addable = [
    { id: "person", name: words.about, choices: missing(person).map(choice) },
    { id: "own", name: words.fields, choices: missing(own).map(choice) },
  ];
  const canAdd = editable && addable.some(({ choices }) => choices.length > 0);
  const anyone = person.some(isShown);
  return (
    <>
      {anyone || canAdd ? (
        <Part title={words.about}>
          {anyone ? list(person) : <p className="meta">{words.nobody}</p>}
          {canAdd ? (
            <div className="add-fact">
              <Pick
                key={added}
                label={words.add}
                hideLabel
                look="small"
                value=""
                sections={addable}
                placeholder={words.add}
                find={words.findField}
                none={words.noField}
                onChange={setAdded}
              />
            </div>
          ) : null}
        </Part>
      ) : null}
      {own.some(isShown) ? <Part title={words.fields}>{list(own)}</Part> : null}
    </>
  );
}

const choice = ({ name, label }: Row) => ({ id: name, name: label });
