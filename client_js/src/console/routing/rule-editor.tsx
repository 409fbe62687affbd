/** One rule, edited in place. Every change goes to the draft at once; it is saved explicitly. */
import { X } from "lucide-react";
import { useMemo } from "react";

import type { Handling, Lint, Matches, Rule, RuleSet } from "../api/routing";
import { IconButton } from "../kit/button";
import { Switch } from "../kit/field";
import { More } from "../kit/menu";
import { Radios } from "../kit/radios";
import { texts } from "../texts";
import { drafts } from "./draft-store";
import { faultsOf, messageAt, otherNames, type Placed } from "./faults";
import { FilterBuilder } from "./filter-builder";
import { OutreachPart } from "./outreach-part";
import { OwnerPart } from "./owner-part";
import { Count, ruleActions, Sentence } from "./rule-row";
import { changed, DEFAULT_ID, isRule, LONGEST_NAME, placeOf } from "./rules";
import { openRule } from "./rules-page";
import { StrategyPart } from "./strategy-part";
import { TargetsPart } from "./targets-part";
import { isUntouched, useSaidAll } from "./untouched";
import type { CheckedRules } from "./use-checked";
import type { Known } from "./use-names";

const words = texts.routing.editor;

interface Props {
  id: string;
  one: Rule | Handling;
  set: RuleSet;
  known: Known;
  checked: CheckedRules;
  matches: { data: Matches | undefined; failed: boolean };
}

/** What every part of the editor gets. */
export interface PartProps {
  one: Handling;
  known: Known;
  faults: readonly Placed[];
  /** `subject` names what is edited: quick edits of it are one step to undo. */
  onEdit: (change: Partial<Handling>, subject: string) => void;
}

export function RuleEditor({ id, one, set, known, checked, matches }: Props) {
  const others = useMemo(() => otherNames(set, id), [set, id]);
  useSaidAll();
  const local = isUntouched(one) ? [] : faultsOf(one, others, known.fields);
  const remote = checked.fresh ? (checked.faults.get(id) ?? []) : [];
  const faults = [...local, ...remote.filter((fault) => !messageAt(local, fault.path))];
  const lint = checked.lint.get(id) ?? [];
  const onEdit = (change: Partial<Rule>, subject: string) =>
    drafts.edit((now) => changed(now, id, change), `${id} ${subject}`);
  const part: PartProps = { one, known, faults, onEdit };
  const name = isRule(one) ? one.name : texts.routing.defaultRule;
  return (
    <article className="rule-editor" aria-label={words.label(name)}>
      <Head id={id} one={one} set={set} faults={faults} onEdit={onEdit} />
      <div className="rule-summary">
        <Sentence one={one} known={known} />
        <Count
          count={id === DEFAULT_ID ? matches.data?.default : matches.data?.rules[id]}
          total={matches.data?.of}
          failed={matches.failed}
          on={!isRule(one) || one.on}
        />
      </div>
      <Remarks lint={lint} one={one} />
      <section className="rule-section">
        <h2>{words.when}</h2>
        <div className="rule-section-body">
          {isRule(one) ? (
            <FilterBuilder
              filter={one.when}
              known={known}
              faults={faults}
              lint={lint}
              onChange={(when, subject) => onEdit({ when }, subject)}
            />
          ) : (
            <p className="meta">{words.whenDefault}</p>
          )}
        </div>
      </section>
      <section className="rule-section">
        <h2>{words.ring}</h2>
        <div className="rule-section-body">
          <p className="meta">{words.ringHint}</p>
          <OutreachPart {...part} />
          <OwnerPart {...part} />
          <TargetsPart {...part} />
        </div>
      </section>
      <StrategyPart {...part} />
      <MissedPart {...part} />
    </article>
  );
}

interface HeadProps {
  id: string;
  one: Rule | Handling;
  set: RuleSet;
  faults: readonly Placed[];
  onEdit: (change: Partial<Rule>, subject: string) => void;
}

function Head({ id, one, set, faults, onEdit }: HeadProps) {
  const place = placeOf(set, id) + 1;
  const wrong = messageAt(faults, "/name");
  const close = (
    <IconButton label={words.close} onPress={() => openRule(null)} size="small">
      <X size={16} />
    </IconButton>
  );
  if (!isRule(one)) {
    return (
      <header className="rule-head">
        <div className="rule-title">
          <h2>{texts.routing.defaultRule}</h2>
          <p className="meta">{words.placeDefault}</p>
        </div>
        {close}
      </header>
    );
  }
  return (
    <header className="rule-head">
      <div className="rule-title">
        <input
          className="title-input"
          aria-label={words.name}
          aria-invalid={wrong ? true : undefined}
          aria-describedby={wrong ? "rule-name-fault" : undefined}
          value={one.name}
          maxLength={LONGEST_NAME}
          dir="auto"
          onChange={(event) => onEdit({ name: event.target.value }, "name")}
          onFocus={(event) => {
            if (one.name.startsWith(texts.routing.list.newName)) event.target.select();
          }}
        />
        {wrong ? (
          <p className="field-error" id="rule-name-fault" role="status">
            {wrong}
          </p>
        ) : (
          <p className="meta num">{words.place(place, set.rules.length)}</p>
        )}
      </div>
      <Switch
        label={one.on ? words.on : words.off}
        name={texts.routing.list.switch(one.name)}
        on={one.on}
        onChange={(on) => onEdit({ on }, "on")}
      />
      <More
        label={texts.routing.list.menu(one.name)}
        actions={ruleActions(one, place, set.rules.length)}
      />
      {close}
    </header>
  );
}

/** What lint says of the rule as a whole; what has a place in the filter stands there. */
function Remarks({ lint, one }: { lint: readonly Lint[]; one: Rule | Handling }) {
  const here = isRule(one) ? lint.filter((mark) => !/\/when\/.+/.test(mark.place)) : lint;
  if (here.length === 0) return null;
  return (
    <ul className="remarks">
      {here.map((mark) => (
        <li key={`${mark.code} ${mark.place}`} className={mark.severity}>
          <b>{mark.severity === "error" ? texts.routing.lint.error : texts.routing.lint.warning}</b>{" "}
          {mark.message}
        </li>
      ))}
    </ul>
  );
}

function MissedPart({ one, onEdit }: PartProps) {
  const { missed, book } = texts.routing;
  return (
    <section className="rule-section">
      <h2>{words.missed}</h2>
      <div className="rule-section-body">
        <Radios
          label={missed.label}
          hideLabel
          value={one.missed}
          choices={[
            { id: "meeting_booker", ...missed.meeting_booker },
            { id: "form", ...missed.form },
          ]}
          onChange={(id) => onEdit({ missed: id }, "missed")}
        />
        <div className="switches">
          <Switch
            label={book.targets}
            on={one.book.targets}
            onChange={(targets) => onEdit({ book: { ...one.book, targets } }, "book")}
          />
          <Switch
            label={book.owner}
            on={one.book.owner}
            onChange={(owner) => onEdit({ book: { ...one.book, owner } }, "book")}
          />
        </div>
      </div>
    </section>
  );
}
