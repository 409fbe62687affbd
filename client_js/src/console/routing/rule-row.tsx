/** One rule in the list: its place, its name, what it does as a sentence, who matches. */
import { useSortable } from "@dnd-kit/sortable";
import {
  ArrowDownToLine,
  ArrowUpToLine,
  CircleAlert,
  Copy,
  GripVertical,
  Lock,
  Trash2,
  TriangleAlert,
} from "lucide-react";
import { type KeyboardEvent, memo, type ReactNode } from "react";
import { SwitchButton, SwitchField } from "react-aria-components";

import type { Handling, Lint, Matches, Rule, RuleSet } from "../api/routing";
import { type Action, More } from "../kit/menu";
import { say } from "../kit/toast";
import { address } from "../route";
import { texts } from "../texts";
import { drafts } from "./draft-store";
import type { Placed } from "./faults";
import {
  changed,
  DEFAULT_ID,
  duplicated,
  freeName,
  moved,
  newRuleId,
  placeOf,
  removed,
} from "./rules";
import { openRule } from "./rules-page";
import { type Names, sentence } from "./sentence";
import type { CheckedRules } from "./use-checked";

const words = texts.routing.list;

interface RowProps {
  rule: Rule;
  place: number;
  of: number;
  open: boolean;
  fixed: boolean;
  lifted: boolean;
  known: Names;
  lint: readonly Lint[] | undefined;
  faults: readonly Placed[] | undefined;
  count: number | undefined;
  total: number | undefined;
  failed: boolean;
  onKey: (id: string, key: string) => boolean;
}

/** Drawn again with each move of any row; what it holds is not. */
export function SortableRow(props: RowProps) {
  const { lifted, onKey, ...body } = props;
  const { rule, fixed, open } = body;
  const { setNodeRef, setActivatorNodeRef, listeners, transform, transition, isDragging } =
    useSortable({ id: rule.id, disabled: fixed });
  const keys = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (onKey(rule.id, event.key)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const look = ["rule-row", open ? "shown" : "", rule.on ? "" : "off"];
  if (isDragging) look.push("dragged");
  if (lifted) look.push("lifted");
  return (
    <div
      ref={setNodeRef}
      className={look.filter(Boolean).join(" ")}
      style={{
        transform: transform ? `translateY(${transform.y}px)` : undefined,
        transition: transition ?? undefined,
      }}
    >
      <button
        type="button"
        ref={setActivatorNodeRef}
        className="rule-handle"
        aria-label={words.handle(rule.name)}
        aria-description={words.handleHint}
        aria-pressed={lifted}
        title={fixed ? words.searching : words.handleHint}
        disabled={fixed}
        {...listeners}
        onKeyDown={keys}
        onBlur={() => onKey(rule.id, "blur")}
      >
        <GripVertical size={16} aria-hidden="true" />
      </button>
      <RowBody {...body} />
    </div>
  );
}

type BodyProps = Omit<RowProps, "lifted" | "onKey">;

const RowBody = memo(function RowBody(props: BodyProps) {
  const { rule, place, of, fixed } = props;
  return (
    <>
      <RowWords {...props} />
      <RuleSwitch rule={rule} />
      <More label={words.menu(rule.name)} actions={ruleActions(rule, place, of, fixed)} />
    </>
  );
});

function RowWords(props: BodyProps) {
  const { rule, place, open, known, lint, faults, count, total, failed } = props;
  return (
    <a
      className="rule-words"
      href={address({ page: "routing", part: "rules", item: rule.id })}
      aria-current={open ? "true" : undefined}
    >
      <span className="rule-first">
        <span className="rule-place num">{place}</span>
        <b className="clip" dir="auto" title={rule.name}>
          {rule.name || words.newName}
        </b>
        {rule.on ? null : <span className="tag">{words.off}</span>}
        <Marks lint={lint} faults={faults} />
      </span>
      <Sentence one={rule} known={known} />
      <Count count={count} total={total} failed={failed} on={rule.on} />
    </a>
  );
}

export function Sentence({ one, known }: { one: Rule | Handling; known: Names }) {
  return (
    <span className="rule-sentence">
      {sentence(one, known).map((part, i) =>
        part.chosen ? (
          <em key={i} dir="auto">
            {part.text}
          </em>
        ) : (
          <span key={i}>{part.text}</span>
        ),
      )}
    </span>
  );
}

function Marks({ lint, faults }: Pick<RowProps, "lint" | "faults">) {
  const bad = faults?.length ?? 0;
  const grave = bad > 0 || lint?.some((one) => one.severity === "error");
  const all = [...(faults ?? []), ...(lint ?? [])];
  if (all.length === 0) return null;
  const text = all.map((one) => one.message).join(" ");
  return (
    <span className={grave ? "mark grave" : "mark"} title={text}>
      {grave ? (
        <CircleAlert size={14} aria-hidden="true" />
      ) : (
        <TriangleAlert size={14} aria-hidden="true" />
      )}
      <span className="unseen">{text}</span>
    </span>
  );
}

interface CountProps {
  count: number | undefined;
  total: number | undefined;
  failed: boolean;
  on: boolean;
}

export function Count({ count, total, failed, on }: CountProps) {
  const { matches } = texts.routing;
  const known = count !== undefined && total !== undefined;
  const part = known && total > 0 ? count / total : 0;
  const text =
    total === 0
      ? matches.nobody
      : known
        ? matches.count(count, total)
        : failed
          ? matches.failed
          : matches.counting;
  return (
    <span className="rule-matches meta num" title={matches.hint}>
      <span className="rule-part" aria-hidden="true">
        <i style={{ inlineSize: `${Math.max(part * 100, part > 0 ? 3 : 0)}%` }} />
      </span>
      {on ? text : words.off}
    </span>
  );
}

function RuleSwitch({ rule }: { rule: Rule }) {
  return (
    <SwitchField
      isSelected={rule.on}
      aria-label={words.switch(rule.name)}
      onChange={(on) => drafts.edit((set) => changed(set, rule.id, { on }))}
    >
      <SwitchButton className="switch small">
        <span className="switch-track" aria-hidden="true">
          <i />
        </span>
      </SwitchButton>
    </SwitchField>
  );
}

/** What can be done with a rule as a whole. */
export function ruleActions(rule: Rule, place: number, of: number, fixed = false): Action[] {
  const { id, name } = rule;
  const shift = (to: number) => () => drafts.edit((set) => moved(set, id, to));
  return [
    {
      id: "duplicate",
      name: words.duplicate,
      icon: <Copy size={15} />,
      run: () => {
        const copy = newRuleId();
        drafts.edit((set) =>
          duplicated(set, id, { id: copy, name: freeName(set, words.copyOf(name)) }),
        );
        openRule(copy);
      },
    },
    {
      id: "top",
      name: words.toTop,
      icon: <ArrowUpToLine size={15} />,
      disabled: fixed || place <= 1,
      run: shift(0),
    },
    {
      id: "bottom",
      name: words.toBottom,
      icon: <ArrowDownToLine size={15} />,
      disabled: fixed || place >= of,
      run: shift(of - 1),
    },
    {
      id: "delete",
      name: words.delete,
      icon: <Trash2 size={15} />,
      bad: true,
      run: () => deleteRule(rule),
    },
  ];
}

/** Undo brings the very rule back to its place, whatever else was edited since. */
function deleteRule(rule: Rule): void {
  const now = drafts.state()?.now;
  const at = now ? placeOf(now, rule.id) : -1;
  if (at < 0) return;
  const next = now?.rules[at + 1]?.id ?? DEFAULT_ID;
  drafts.edit((set) => removed(set, rule.id));
  if (location.hash.endsWith(`/${encodeURIComponent(rule.id)}`)) openRule(next);
  const back = () => {
    drafts.edit((set) => {
      const rules = set.rules.filter((one) => one.id !== rule.id);
      return { ...set, rules: [...rules.slice(0, at), rule, ...rules.slice(at)] };
    });
    openRule(rule.id);
  };
  say(words.deleted(rule.name), { action: { name: texts.undo, run: back } });
}

/** The rule as it is carried. */
export function RowFace({ rule, known, place }: { rule: Rule; known: Names; place: number }) {
  return (
    <div className="rule-row carried">
      <span className="rule-handle">
        <GripVertical size={16} aria-hidden="true" />
      </span>
      <span className="rule-words">
        <span className="rule-first">
          <span className="rule-place num">{place}</span>
          <b className="clip">{rule.name}</b>
        </span>
        <Sentence one={rule} known={known} />
      </span>
    </div>
  );
}

interface DefaultProps {
  set: RuleSet;
  open: string | null;
  known: Names;
  checked: CheckedRules;
  matches: { data: Matches | undefined; failed: boolean };
}

export function DefaultRow({ set, open, known, checked, matches }: DefaultProps): ReactNode {
  const shown = open === DEFAULT_ID;
  return (
    <div className={shown ? "rule-row default shown" : "rule-row default"}>
      <span className="rule-handle" title={words.alwaysLast}>
        <Lock size={14} aria-hidden="true" />
      </span>
      <a
        className="rule-words"
        href={address({ page: "routing", part: "rules", item: DEFAULT_ID })}
        aria-current={shown ? "true" : undefined}
      >
        <span className="rule-first">
          <b className="clip">{texts.routing.defaultRule}</b>
          <span className="meta">{words.alwaysLast}</span>
          <Marks lint={checked.lint.get(DEFAULT_ID)} faults={checked.faults.get(DEFAULT_ID)} />
        </span>
        <Sentence one={set.default} known={known} />
        <Count count={matches.data?.default} total={matches.data?.of} failed={matches.failed} on />
      </a>
    </div>
  );
}
