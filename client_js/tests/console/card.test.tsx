import "@testing-library/jest-dom/vitest";

import { act, cleanup, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";

import { RingList } from "../../src/console/ring/list";
import { desk, ring, shown } from "./desk";

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("a card", () => {
  it("starts the conversation, and tells the server that it was seen", async () => {
    const { live } = desk({ rings: [ring()] });
    shown(live, <RingList />);
    expect(live.seen).toHaveBeenCalledWith("c1");
    await userEvent.click(screen.getByRole("button", { name: /Start a conversation/ }));
    expect(live.claim).toHaveBeenCalledWith("c1");
  });

  it("can be declined", async () => {
    const { live } = desk({ rings: [ring()] });
    shown(live, <RingList />);
    await userEvent.click(screen.getByRole("button", { name: "Decline" }));
    expect(live.decline).toHaveBeenCalledWith("c1");
  });

  it("is announced to readers", () => {
    const { live, set } = desk();
    shown(live, <RingList />);
    act(() => set({ rings: [ring()] }));
    expect(screen.getByRole("alert")).toHaveTextContent("Priya is waiting.");
  });

  it("that was lost says to whom and leaves after four seconds", () => {
    vi.useFakeTimers();
    const by = { id: "r2", name: "Mara" };
    const { live } = desk({ rings: [ring({ ended: { why: "claimed", by, leadMs: 312 } })] });
    shown(live, <RingList />);
    expect(screen.getByText("Mara started this 0.3 s before you.")).toBeVisible();
    expect(screen.queryByRole("button")).toBeNull();
    void act(() => vi.advanceTimersByTime(4000));
    expect(live.forgetRing).toHaveBeenCalledWith("c1");
  });
});
