import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { endSoon, GRACE, undoAnswered, undoEnd } from "../../src/console/inbox/endings";
import { conversation, said } from "../client/world.ts";
import { chat, desk } from "./desk";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  undoEnd("c1");
  vi.useRealTimers();
});

describe("ending", () => {
  it("happens after five seconds", () => {
    const { live } = desk({ chats: [chat()] });
    endSoon(live, "c1");
    vi.advanceTimersByTime(GRACE - 1);
    expect(live.close).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(live.close).toHaveBeenCalledExactlyOnceWith("c1");
  });

  it("can be undone", () => {
    const { live } = desk({ chats: [chat()] });
    endSoon(live, "c1");
    undoEnd("c1");
    vi.advanceTimersByTime(GRACE);
    expect(live.close).not.toHaveBeenCalled();
  });

  it("is undone by the visitor who writes again", () => {
    const { live, set } = desk({ chats: [chat()] });
    endSoon(live, "c1");
    const entries = [1, 2].map((offset) => said(offset, "Wait", { from: "visitor" }));
    set({ chats: [chat({ conversation: conversation(entries) })] });
    undoAnswered(live);
    vi.advanceTimersByTime(GRACE);
    expect(live.close).not.toHaveBeenCalled();
  });
});
