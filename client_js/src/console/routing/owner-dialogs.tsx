/** One owner by hand, or many from a CSV file, looked at before anything is written. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { type SyntheticEvent, useState } from "react";
import { FileTrigger, Form } from "react-aria-components";

import { Refused } from "../api/http";
import { importOwners, OWNER_KINDS, type OwnerKind, putOwner } from "../api/desk-data";
import { Button } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Field } from "../kit/field";
import { Select } from "../kit/select";
import { say } from "../kit/toast";
import { texts } from "../texts";

const words = texts.routing.owners;
const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const DOMAIN = /^[^\s@/]+\.[^\s@/]+$/;
const FAULTS = 12;

const said = (error: unknown, plain: string) =>
  error instanceof Refused && error.status < 500 && error.message ? error.message : plain;

export function OwnerDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [kind, setKind] = useState<OwnerKind>("contact");
  const [key, setKey] = useState("");
  const [name, setName] = useState("");
  const [rep, setRep] = useState("");
  const [tried, setTried] = useState(false);
  const company = kind === "account";
  const wrong = {
    key: (company ? DOMAIN : ADDRESS).test(key.trim())
      ? ""
      : company
        ? words.needDomain
        : words.needKey,
    rep: ADDRESS.test(rep.trim()) ? "" : words.needRep,
  };
  const saving = useMutation({
    mutationFn: () => putOwner({ kind, key: key.trim(), name: name.trim(), rep_email: rep.trim() }),
    onSuccess: async () => {
      say(words.added(key.trim()));
      onClose();
      await queries.invalidateQueries({ queryKey: ["owners"] });
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (!wrong.key && !wrong.rep) saving.mutate();
  };
  return (
    <Dialog title={words.add} open onClose={onClose}>
      <Form onSubmit={submit} validationBehavior="aria" className="dialog">
        <div className="dialog-body">
          <Select
            label={words.columns.kind}
            value={kind}
            choices={OWNER_KINDS.map((id) => ({ id, name: words.kinds[id] }))}
            onChange={(id) => setKind(id as OwnerKind)}
          />
          <Field
            label={company ? words.domain : words.key}
            value={key}
            onChange={setKey}
            autoComplete="off"
            error={tried ? wrong.key : undefined}
          />
          <Field label={words.recordName} value={name} onChange={setName} autoComplete="off" />
          <Field
            label={words.repEmail}
            type="email"
            value={rep}
            onChange={setRep}
            autoComplete="off"
            error={tried ? wrong.rep : undefined}
          />
          <p className="form-error" role="alert">
            {saving.error ? said(saving.error, words.failed) : ""}
          </p>
        </div>
        <footer className="dialog-foot">
          <Button onPress={onClose}>{texts.cancel}</Button>
          <Button type="submit" look="primary" isDisabled={saving.isPending}>
            {texts.save}
          </Button>
        </footer>
      </Form>
    </Dialog>
  );
}

export function ImportDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [file, setFile] = useState<{ name: string; csv: string } | null>(null);
  const looking = useMutation({ mutationFn: (csv: string) => importOwners(csv, true) });
  const importing = useMutation({
    mutationFn: (csv: string) => importOwners(csv, false),
    onSuccess: async ({ added, changed }) => {
      say(words.imported(added, changed));
      onClose();
      await queries.invalidateQueries({ queryKey: ["owners"] });
    },
  });
  const read = async (files: FileList | null) => {
    const chosen = files?.[0];
    if (!chosen) return;
    const csv = await chosen.text();
    setFile({ name: chosen.name, csv });
    looking.mutate(csv);
  };
  const found = looking.data;
  const error = importing.error ?? looking.error;
  const changes = found ? found.added + found.changed : 0;
  return (
    <Dialog title={words.importTitle} size="wide" open onClose={onClose}>
      <div className="dialog-body">
        <p>{words.importText}</p>
        <pre className="sample">
          {"kind,key,rep,name\naccount,acme.example,ana@yours.example,Acme"}
        </pre>
        <div className="file">
          <FileTrigger
            acceptedFileTypes={[".csv", "text/csv"]}
            onSelect={(files) => void read(files)}
          >
            <Button icon={<FileUp size={15} />}>{words.drop}</Button>
          </FileTrigger>
          <span className="meta clip">{file?.name}</span>
        </div>
        {looking.isPending ? <p className="meta">{words.reading}</p> : null}
        {found ? (
          <section className="preview" aria-label={words.preview} role="status">
            <h3>{words.preview}</h3>
            {found.faults.length ? (
              <>
                <p className="field-error">
                  {words.faultCount(found.faults.length)}. {words.allOrNothing}
                </p>
                <ul className="line-faults">
                  {found.faults.slice(0, FAULTS).map((fault) => (
                    <li key={`${fault.line} ${fault.message}`}>
                      <span className="meta num">{words.line(fault.line)}</span> {fault.message}
                    </li>
                  ))}
                  {found.faults.length > FAULTS ? (
                    <li className="meta">{words.moreFaults(found.faults.length - FAULTS)}</li>
                  ) : null}
                </ul>
              </>
            ) : (
              <ul className="preview-counts num">
                <li>{words.addedCount(found.added)}</li>
                <li>{words.changedCount(found.changed)}</li>
                <li className="meta">{words.sameCount(found.same)}</li>
              </ul>
            )}
          </section>
        ) : null}
        <p className="form-error" role="alert">
          {error ? said(error, words.importFailed) : ""}
        </p>
      </div>
      <footer className="dialog-foot">
        <Button onPress={onClose}>{texts.cancel}</Button>
        <Button
          look="primary"
          isDisabled={
            !file || !found || changes === 0 || found.faults.length > 0 || importing.isPending
          }
          onPress={() => (file ? importing.mutate(file.csv) : undefined)}
        >
          {words.doImport}
        </Button>
      </footer>
    </Dialog>
  );
}
