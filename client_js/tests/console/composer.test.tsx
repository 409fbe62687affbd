import "@testing-library/jest-dom/vitest";

import { cleanup, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { createRef } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Composer } from "../../src/console/inbox/composer";
import { draftOf, setDraft } from "../../src/console/inbox/drafts";
import type { Chat, LiveState } from "../../src/console/live/live";
import { chat, desk, shown } from "./desk";

function composer(
  options: { chat?: Partial<Chat>; state?: Partial<LiveState>; below?: number } = {},
) {
  const { live } = desk(options.state);
  const toEnd = vi.fn();
  shown(
    live,
    <Composer
      chat={chat(options.chat)}
      who="Priya"
      below={options.below ?? 0}
      toEnd={toEnd}
      onSent={vi.fn()}
      field={createRef()}
    />,
  );
  return { live, toEnd, user: userEvent.setup(), field: screen.getByRole("textbox") };
}

beforeEach(() => setDraft("c1", ""));
afterEach(cleanup);

describe("Enter", () => {
  it("sends what was written and empties the field", async () => {
    const { live, user, field } = composer();
    await user.type(field, "Hello Priya{Enter}");
    expect(live.send).toHaveBeenCalledWith("c1", "Hello Priya");
    expect(field).toHaveValue("");
  });

  it("with Shift makes a new line", async () => {
    const { live, user, field } = composer();
    await user.type(field, "One{Shift>}{Enter}{/Shift}Two");
    expect(field).toHaveValue("One\nTwo");
    expect(live.send).not.toHaveBeenCalled();
  });

  it("sends nothing while entries are missing, and says how many (CH-6)", async () => {
    const { live, user, field } = composer({ chat: { behind: 3 } });
    await user.type(field, "Blind{Enter}");
    expect(live.send).not.toHaveBeenCalled();
    expect(screen.getByText("Behind: 3 messages not shown yet, loading")).toBeVisible();
    expect(draftOf("c1")).toBe("Blind");
  });

  it("sends nothing without a connection and keeps the text", async () => {
    const { live, user, field } = composer({ state: { link: { phase: "waiting", retryAt: 0 } } });
    await user.type(field, "Later{Enter}");
    expect(live.send).not.toHaveBeenCalled();
    expect(field).toHaveValue("Later");
  });

  it("shows new messages below before it sends", async () => {
    const { live, toEnd, user, field } = composer({ below: 2 });
    await user.type(field, "Wait{Enter}");
    expect(toEnd).toHaveBeenCalled();
    expect(live.send).not.toHaveBeenCalled();
  });

  it("refuses what is too long", async () => {
    setDraft("c1", "x".repeat(4001));
    const { live, user, field } = composer();
    await user.type(field, "{Enter}");
    expect(live.send).not.toHaveBeenCalled();
    expect(screen.getByText("1 character too many")).toBeVisible();
  });
});

it("writing is told to the visitor, and that it stopped", async () => {
  const { live, user, field } = composer();
  await user.type(field, "a");
  expect(live.typing).toHaveBeenLastCalledWith("c1", true);
  await user.clear(field);
  expect(live.typing).toHaveBeenLastCalledWith("c1", false);
});
