/** The log of a conversation: virtual, kept at its end while the reader is there. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";

import { Button } from "../kit/button";
import { texts } from "../texts";
import { MessageRowView, type RowActions, RowView } from "./row";
import type { Row } from "./timeline";

export interface MessagesHandle {
  toEnd: () => void;
}

interface Props {
  label: string;
  rows: readonly Row[];
  actions?: RowActions;
  /** What stands above the oldest row: "Show earlier messages". */
  above?: ReactNode;
  /** New messages below what is seen. */
  below?: number;
  onEnd?: (atEnd: boolean) => void;
  /** A past conversation is read from its beginning. */
  fromStart?: boolean;
  handle?: Ref<MessagesHandle>;
}

export function Messages(props: Props) {
  const { label, rows, above, below = 0, onEnd, fromStart = false, handle } = props;
  const box = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualizer mutates itself
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    getItemKey: (index) => rows[index]?.key ?? index,
    estimateSize: (index) => estimate(rows[index]),
    overscan: 12,
    ...(fromStart
      ? {}
      : ({ anchorTo: "end", followOnAppend: true, scrollEndThreshold: 48 } as const)),
  });
  const toEnd = () => {
    if (rows.length > 0) virtual.scrollToIndex(rows.length - 1, { align: "end" });
  };
  useImperativeHandle(handle, () => ({ toEnd }));
  const started = useRef(false);
  useEffect(() => {
    if (started.current || fromStart || rows.length === 0) return;
    started.current = true;
    virtual.scrollToIndex(rows.length - 1, { align: "end" });
  }, [virtual, rows.length, fromStart]);
  const onScroll = () => {
    const element = box.current;
    if (element === null) return;
    const now = element.scrollHeight - element.scrollTop - element.clientHeight < 48;
    if (now === atEnd) return;
    setAtEnd(now);
    onEnd?.(now);
  };
  return (
    <div className="messages-frame">
      <div
        ref={box}
        className="messages"
        role="log"
        aria-label={label}
        aria-live="off"
        tabIndex={0}
        onScroll={onScroll}
      >
        <div className={fromStart ? "messages-fill start" : "messages-fill"}>
          {above}
          <div className="messages-rows" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const row = rows[item.index];
              return row ? (
                <div
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  className="messages-row"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  {row.kind === "message" ? (
                    <MessageRowView
                      row={row}
                      {...(props.actions ? { actions: props.actions } : {})}
                    />
                  ) : (
                    <RowView row={row} />
                  )}
                </div>
              ) : null;
            })}
          </div>
        </div>
      </div>
      {atEnd || fromStart ? null : (
        <div className="to-end">
          <Button size="small" icon={<ArrowDown size={14} />} onPress={toEnd}>
            {below > 0 ? texts.chat.below(below) : texts.chat.toEnd}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Near enough that the scroll bar doesn't jump when a row is measured. */
function estimate(row: Row | undefined): number {
  if (row?.kind !== "message") return 36;
  const lines = Math.min(24, Math.ceil(row.text.length / 60) + row.text.split("\n").length - 1);
  return lines * 22 + (row.last ? 26 : 18);
}
