/** What was live when, what each version changed, and the way back (RT-16). */
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { ArrowLeft, History, Undo2 } from "lucide-react";
import { useState } from "react";

import { diffQuery, rollBack, routingQuery, type Version, versionsQuery } from "../api/routing";
import { fully } from "../format";
import { NARROW, useMedia } from "../inbox/media";
import { Blank, Failing, Skeleton } from "../kit/blank";
import { Button, IconButton } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Field } from "../kit/field";
import { Ago } from "../kit/now";
import { Select } from "../kit/select";
import { say } from "../kit/toast";
import { address, go } from "../route";
import { texts } from "../texts";
import { Diff } from "./diff";
import { behind, useDraftActions } from "./use-draft";
import { type Known, useNames } from "./use-names";

const words = texts.routing.versions;

export function Versions({ item }: { item: string | null }) {
  const asked = useInfiniteQuery(versionsQuery);
  const routing = useQuery(routingQuery).data;
  const known = useNames();
  const narrow = useMedia(NARROW);
  const versions = asked.data?.pages.flatMap((page) => page.versions) ?? [];
  if (asked.error && versions.length === 0) {
    return <Failing error={asked.error} title={words.failing} retry={() => void asked.refetch()} />;
  }
  if (asked.isPending) return <Skeleton rows={6} height={64} words={texts.loading} />;
  const live = routing?.live.number;
  const hasDraft = Boolean(routing?.draft);
  if (versions.length === 0 && !hasDraft) return <Blank icon={<History />}>{words.empty}</Blank>;
  const chosen = item ?? (narrow ? null : hasDraft ? "draft" : String(versions[0]?.number ?? ""));
  return (
    <div className={`rules ${item === null ? "closed" : "open"}`}>
      <div className="version-list">
        <ul>
          {hasDraft && routing?.draft ? (
            <li>
              <VersionLink
                id="draft"
                shown={chosen === "draft"}
                title={words.draft}
                at={routing.draft.at}
                by={routing.draft.by?.name}
                note=""
              />
            </li>
          ) : null}
          {versions.map((one) => (
            <li key={one.number}>
              <VersionLink
                id={String(one.number)}
                shown={chosen === String(one.number)}
                title={words.of(one.number)}
                live={one.number === live}
                at={one.at}
                by={one.by?.name}
                note={one.note || words.unnoted}
              />
            </li>
          ))}
        </ul>
        {asked.hasNextPage ? (
          <Button size="small" look="quiet" onPress={() => void asked.fetchNextPage()}>
            {words.more}
          </Button>
        ) : null}
      </div>
      {narrow && chosen === null ? null : (
        <section className="rule-pane" aria-label={words.changed}>
          {chosen === null || live === undefined ? (
            <Blank icon={<History />}>{words.pick}</Blank>
          ) : (
            <OneVersion key={chosen} id={chosen} live={live} versions={versions} known={known} />
          )}
        </section>
      )}
    </div>
  );
}

interface LinkProps {
  id: string;
  shown: boolean;
  title: string;
  live?: boolean;
  at: number;
  by: string | undefined;
  note: string;
}

function VersionLink({ id, shown, title, live = false, at, by, note }: LinkProps) {
  return (
    <a
      className={shown ? "version shown" : "version"}
      href={address({ page: "routing", part: "versions", item: id })}
      aria-current={shown ? "true" : undefined}
    >
      <span className="version-first">
        <b className="num">{title}</b>
        {live ? <span className="tag live">{words.current}</span> : null}
        <span className="spacer" />
        <span className="meta">
          <Ago at={at} />
        </span>
      </span>
      <span className="clip" dir="auto">
        {note}
      </span>
      {by ? <span className="meta clip">{words.by(by)}</span> : null}
    </a>
  );
}

interface OneProps {
  id: string;
  live: number;
  versions: readonly Version[];
  known: Known;
}

function OneVersion({ id, live, versions, known }: OneProps) {
  const draft = id === "draft";
  const version = versions.find((one) => String(one.number) === id);
  const number = Number(id);
  const [against, setAgainst] = useState<"before" | "live">("before");
  const [rolling, setRolling] = useState(false);
  const from = draft || against === "live" ? live : number - 1;
  const comparable = draft || from > 0;
  const asked = useQuery({
    ...diffQuery(from, draft ? "draft" : number),
    enabled: comparable && from !== number,
  });
  const title = draft ? words.draftChanges : words.of(number);
  return (
    <article className="rule-editor">
      <header className="rule-head">
        <IconButton
          label={texts.back}
          size="small"
          onPress={() => go({ page: "routing", part: "versions", item: null })}
        >
          <ArrowLeft size={16} />
        </IconButton>
        <div className="rule-title">
          <h2>{title}</h2>
          {version ? (
            <p className="meta">
              {fully(version.at)}
              {version.by ? ` · ${words.by(version.by.name)}` : ""}
            </p>
          ) : null}
        </div>
        {draft || number === live ? null : (
          <Button icon={<Undo2 size={15} />} onPress={() => setRolling(true)}>
            {words.roll}
          </Button>
        )}
      </header>
      {version?.note ? (
        <p className="version-note" dir="auto">
          {version.note}
        </p>
      ) : null}
      <div className="version-body">
        {draft || number === live ? null : (
          <div className="short">
            <Select
              label={words.compare}
              value={against}
              choices={[
                { id: "before", name: words.before },
                { id: "live", name: words.live },
              ]}
              onChange={(next) => setAgainst(next as "before" | "live")}
            />
          </div>
        )}
        {!comparable ? (
          <p className="meta">{words.first}</p>
        ) : asked.error ? (
          <Failing small error={asked.error} retry={() => void asked.refetch()} />
        ) : !asked.data ? (
          <Skeleton rows={3} height={56} words={texts.loading} />
        ) : asked.data.length ? (
          <Diff changes={asked.data} known={known} />
        ) : (
          <p className="meta">{words.same}</p>
        )}
      </div>
      {rolling ? (
        <RollDialog number={number} live={live} onClose={() => setRolling(false)} />
      ) : null}
    </article>
  );
}

interface RollProps {
  number: number;
  live: number;
  onClose: () => void;
}

function RollDialog({ number, live, onClose }: RollProps) {
  const [seen] = useState(live); // what went live while this is open was not looked at
  const [note, setNote] = useState("");
  const { renew } = useDraftActions();
  const rolling = useMutation({
    mutationFn: () => rollBack(number, seen, note.trim()),
    onSuccess: async (made) => {
      say(words.rolled(number, made.number));
      onClose();
      await renew();
      go({ page: "routing", part: "versions", item: String(made.number) });
    },
    onError: (error) => (behind(error) ? renew() : undefined),
  });
  return (
    <Dialog title={words.rollTitle(number)} open onClose={onClose} kind="alertdialog">
      <div className="dialog-body">
        <p>{words.rollText}</p>
        <Field label={words.rollNote} value={note} onChange={setNote} maxLength={200} autoFocus />
        <p className="form-error" role="alert">
          {!rolling.error
            ? ""
            : behind(rolling.error)
              ? words.rollBehind
              : texts.routing.draft.failed}
        </p>
      </div>
      <footer className="dialog-foot">
        <Button onPress={onClose}>{texts.cancel}</Button>
        <Button
          look="primary"
          isDisabled={rolling.isPending || behind(rolling.error)}
          onPress={() => rolling.mutate()}
        >
          {words.roll}
        </Button>
      </footer>
    </Dialog>
  );
}
