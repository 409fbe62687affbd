/** The rules in their order: thousands of them, moved by pointer or keys. */
import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  DragOverlay,
  MeasuringStrategy,
  PointerSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { SortableContext, verticalListSortingStrategy } from "@dnd-kit/sortable";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { ListPlus, Plus } from "lucide-react";
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";

import type { Matches, Rule, RuleSet } from "../api/routing";
import { Blank } from "../kit/blank";
import { Button } from "../kit/button";
import { Finder } from "../kit/field";
import { texts } from "../texts";
import { drafts } from "./draft-store";
import { DefaultRow, RowFace, SortableRow } from "./rule-row";
import { moved, placeOf } from "./rules";
import { addRule } from "./rules-page";
import { asText, sentence } from "./sentence";
import type { CheckedRules } from "./use-checked";
import type { Known } from "./use-names";

const words = texts.routing.list;
export const ROW = 104;

interface Props {
  set: RuleSet;
  open: string | null;
  known: Known;
  checked: CheckedRules;
  matches: { data: Matches | undefined; failed: boolean };
}

export function RuleList(props: Props) {
  const { set, known } = props;
  const [find, setFind] = useState("");
  // Typing goes on while thousands of sentences are looked through.
  const wanted = useDeferredValue(find);
  const shown = useMemo(() => found(set.rules, wanted, known), [set.rules, wanted, known]);
  const searching = wanted.trim() !== "";
  return (
    <div className="rule-list">
      <div className="rule-tools">
        <Finder label={words.search} value={find} onChange={setFind} />
        <Button icon={<Plus size={16} />} onPress={addRule}>
          {words.add}
        </Button>
      </div>
      <p className="meta rule-count num" role="status">
        {searching
          ? `${words.found(shown.length, set.rules.length)} ${words.searching}`
          : words.count(set.rules.length)}
      </p>
      {set.rules.length === 0 ? (
        <Blank small icon={<ListPlus />} title={words.emptyTitle}>
          {words.emptyText}
        </Blank>
      ) : shown.length === 0 ? (
        <Blank small>{words.none}</Blank>
      ) : (
        <Rows {...props} shown={shown} fixed={searching} />
      )}
      <DefaultRow {...props} />
    </div>
  );
}

const sentences = new WeakMap<Rule, { known: Known; text: string }>();

/** A rule in lower case, to be searched; kept as long as the rule doesn't change. */
function searched(rule: Rule, known: Known): string {
  const kept = sentences.get(rule);
  if (kept?.known === known) return kept.text;
  const text = `${rule.name} ${asText(sentence(rule, known))}`.toLocaleLowerCase();
  sentences.set(rule, { known, text });
  return text;
}

function found(rules: readonly Rule[], find: string, known: Known): readonly Rule[] {
  const wanted = find.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return rules;
  return rules.filter((rule) => wanted.every((word) => searched(rule, known).includes(word)));
}

interface RowsProps extends Props {
  shown: readonly Rule[];
  /** While searching nothing can be moved: the neighbours aren't seen. */
  fixed: boolean;
}

const onlyDown = ({
  transform,
}: {
  transform: { x: number; y: number; scaleX: number; scaleY: number };
}) => ({
  ...transform,
  x: 0,
});

/** What dnd-kit would say itself; `Voice` says it in our words. */
const SILENT = {
  announcements: {
    onDragStart: () => undefined,
    onDragOver: () => undefined,
    onDragEnd: () => undefined,
    onDragCancel: () => undefined,
  },
  screenReaderInstructions: { draggable: "" },
};

function Rows({ set, shown, fixed, open, known, checked, matches }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<string | null>(null);
  const [lifted, setLifted] = useState<{ id: string; from: number } | null>(null);
  const [told, setTold] = useState("");
  const ids = useMemo(() => shown.map((rule) => rule.id), [shown]);
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 4 } }));
  const held = dragged ?? lifted?.id;
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualizer mutates itself
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    getItemKey: (i) => ids[i] ?? i,
    overscan: 6,
    // What is held stays mounted, wherever the list is scrolled to.
    rangeExtractor: (range) => {
      const at = held ? ids.indexOf(held) : -1;
      const seen = defaultRangeExtractor(range);
      return at < 0 || seen.includes(at) ? seen : [...seen, at].sort((a, b) => a - b);
    },
  });
  const openAt = open === null ? -1 : ids.indexOf(open);
  useEffect(() => {
    if (openAt >= 0) virtual.scrollToIndex(openAt, { align: "auto" });
  }, [openAt, virtual]);

  const name = (id: string) => shown.find((rule) => rule.id === id)?.name ?? "";
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    setDragged(null);
    if (!over || active.id === over.id) return;
    const id = String(active.id);
    const to = ids.indexOf(String(over.id));
    drafts.edit((now) => moved(now, id, to));
    setTold(words.dropped(name(id), to + 1, ids.length));
  };

  const onKey = useCallback(
    (id: string, key: string): boolean => {
      const now = drafts.state()?.now;
      const at = now ? placeOf(now, id) : -1;
      const rule = now?.rules[at];
      if (!now || !rule) return false;
      const of = now.rules.length;
      const to = (place: number) => {
        const end = Math.max(0, Math.min(of - 1, place));
        drafts.edit((one) => moved(one, id, end), `move ${id}`);
        setTold(words.movedTo(rule.name, end + 1, of));
      };
      const steps: Record<string, number> = {
        ArrowUp: at - 1,
        ArrowDown: at + 1,
        PageUp: at - 10,
        PageDown: at + 10,
        Home: 0,
        End: of - 1,
      };
      if (key === " " || key === "Enter") {
        setLifted((was) => (was?.id === id ? null : { id, from: at }));
        setTold(
          lifted?.id === id
            ? words.dropped(rule.name, at + 1, of)
            : words.lifted(rule.name, at + 1, of),
        );
        return true;
      }
      if (lifted?.id !== id) return false;
      if (key === "Escape" || key === "blur") {
        setLifted(null);
        if (key === "blur") return true;
        drafts.edit((one) => moved(one, id, lifted.from), `move ${id}`);
        setTold(words.cancelled(rule.name));
        return true;
      }
      const place = steps[key];
      if (place === undefined) return false;
      to(place);
      return true;
    },
    [lifted],
  );
  const liftedAt = lifted ? ids.indexOf(lifted.id) : -1;
  useEffect(() => {
    if (liftedAt >= 0) virtual.scrollToIndex(liftedAt, { align: "auto" });
  }, [liftedAt, virtual]);
  const draggedRule = dragged ? shown.find((rule) => rule.id === dragged) : undefined;

  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      modifiers={[onlyDown]}
      measuring={{ droppable: { strategy: MeasuringStrategy.Always } }}
      accessibility={SILENT}
      onDragStart={({ active }) => setDragged(String(active.id))}
      onDragEnd={onDragEnd}
      onDragCancel={() => setDragged(null)}
    >
      <SortableContext items={ids} strategy={verticalListSortingStrategy} disabled={fixed}>
        <div className="rule-body" ref={box}>
          <ol
            className="virtual"
            style={{ height: virtual.getTotalSize() }}
            aria-label={words.label}
          >
            {virtual.getVirtualItems().map((item) => {
              const rule = shown[item.index];
              return rule ? (
                <li
                  key={item.key}
                  style={{ transform: `translateY(${item.start}px)`, height: ROW }}
                  aria-posinset={item.index + 1}
                  aria-setsize={shown.length}
                >
                  <SortableRow
                    rule={rule}
                    place={fixed ? placeOf(set, rule.id) + 1 : item.index + 1}
                    of={set.rules.length}
                    open={rule.id === open}
                    fixed={fixed}
                    lifted={lifted?.id === rule.id}
                    known={known}
                    lint={checked.lint.get(rule.id)}
                    faults={checked.faults.get(rule.id)}
                    count={matches.data?.rules[rule.id]}
                    total={matches.data?.of}
                    failed={matches.failed}
                    onKey={onKey}
                  />
                </li>
              ) : null;
            })}
          </ol>
        </div>
      </SortableContext>
      <DragOverlay dropAnimation={null}>
        {draggedRule ? (
          <RowFace rule={draggedRule} known={known} place={ids.indexOf(draggedRule.id) + 1} />
        ) : null}
      </DragOverlay>
      <p className="unseen" role="status" aria-live="assertive">
        {told}
      </p>
    </DndContext>
  );
}
