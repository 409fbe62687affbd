/** The widget as a whole, on a scripted server: what a person meets. */
import { options } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { answer } from "../../src/widget/api.ts";
import { mount } from "../../src/widget/mount.tsx";
import type { Model } from "../../src/widget/model.ts";
import type { Settings } from "../../src/widget/settings.ts";
import { World, conversation, said, settled } from "../client/world.ts";

const SETTINGS: Settings = {
  server: "https://desk.example/",
  desk: "main",
  name: "Acme",
  colour: "#0f766e",
  language: "en",
  theme: "auto",
  side: "right",
  global: "frontdesk",
  alias: "",
  nonce: "",
};

class NoSheet {
  replaceSync(): void {
    return;
  }
}

let world: World;
let root: ShadowRoot;
let model: Model;

// Effects run right after their rendering, not with the next picture that nobody sees here.
options.requestAnimationFrame = (call) => queueMicrotask(call);

/** What was rendered, and what that had rendered in turn, is there. */
async function rendered(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((done) => setTimeout(done, 0));
}

async function open(fields: object = {}): Promise<void> {
  world = new World();
  const host = document.createElement("div");
  document.body.append(host);
  root = host.attachShadow({ mode: "open" });
  model = mount({ settings: SETTINGS, root, seams: world.seams });
  await settled();
  await welcome(fields);
  await rendered();
}

async function welcome(fields: object = {}): Promise<void> {
  await world.socket.open();
  const { id } = world.socket.last("hello");
  const desk = { state: "available", usual_seconds: 45 };
  await world.socket.push({
    type: "welcome",
    id,
    visitor: "v1",
    token: "t1",
    session: "s1",
    desk,
    ...fields,
  });
}

const find = (selector: string): HTMLElement => {
  const found = root.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`no ${selector} is shown`);
  return found;
};
const fieldOf = (selector: string) => find(selector) as HTMLTextAreaElement | HTMLInputElement;
const shows = () => root.querySelector(".panel")?.textContent ?? "";
const button = (name: string) => find(`button[aria-label="${name}"]`);

async function press(element: HTMLElement): Promise<void> {
  element.click();
  await rendered();
}

async function write(text: string): Promise<void> {
  const field = fieldOf("textarea");
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await rendered();
}

async function key(name: string, fields: KeyboardEventInit = {}): Promise<void> {
  const event = new KeyboardEvent("keydown", { key: name, bubbles: true, ...fields });
  (root.activeElement ?? find(".panel")).dispatchEvent(event);
  await rendered();
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  vi.stubGlobal("CSSStyleSheet", NoSheet);
  vi.stubGlobal("matchMedia", () => ({
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe = () => undefined;
      disconnect = () => undefined;
    },
  );
});

afterEach(() => {
  model.client.stop();
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

describe("the widget", () => {
  it("opens with the focus in the field, and gives it back to the launcher", async () => {
    await open();
    await press(button("Open chat"));
    expect(find(".panel").getAttribute("role")).toBe("dialog");
    expect(root.activeElement?.tagName).toBe("TEXTAREA");
    await key("Escape");
    expect(root.querySelector(".panel")).toBeNull();
    expect(root.activeElement?.className).toContain("launcher");
  });

  it("says honestly whether somebody is there", async () => {
    await open();
    await press(button("Open chat"));
    expect(shows()).toContain("We are here, we usually answer within a minute");
    await world.socket.push({ type: "desk", desk: { state: "away" } });
    await rendered();
    expect(shows()).toContain("Nobody is here right now");
    expect(shows()).toContain("We write back by email.");
  });

  it("sends the first words as a request, and rings", async () => {
    await open();
    await press(button("Open chat"));
    await write("Do you ship to Osaka?");
    await key("Enter");
    expect(world.socket.last("request")["text"]).toBe("Do you ship to Osaka?");
    expect(shows()).toContain("Sending");
    await world.socket.answer("request", {
      conversation: conversation([said(1, "Do you ship to Osaka?", { from: "visitor" })], {
        state: "requested",
      }),
    });
    await rendered();
    expect(shows()).toContain("Ringing the team");
    expect(shows()).toContain("Cancel");
  });

  it("doesn't send while characters are being chosen, nor with Shift", async () => {
    await open();
    await press(button("Open chat"));
    await write("おおさか");
    await key("Enter", { isComposing: true });
    await key("Enter", { shiftKey: true });
    expect(world.socket.all("request")).toHaveLength(0);
  });

  it("counts what is unread while it is closed, and says it to screen readers", async () => {
    await open({ conversation: conversation([said(1, "Hello")]) });
    await world.socket.push(said(2, "Are you there?", { rep: { id: "r1", name: "Mara" } }));
    await rendered();
    expect(find(".badge").textContent).toBe("2");
    expect(find(".launcher").getAttribute("aria-label")).toBe("Open chat, unread: 2");
    expect(find("[aria-live]").textContent).toBe("Mara: Are you there?");
    expect(world.socket.all("read")).toHaveLength(0);
    await press(find(".launcher"));
    expect(world.socket.last("read")["offset"]).toBe(2);
    expect(root.querySelector(".badge")).toBeNull();
  });

  it("asks for address and message when nobody came, starting with what was written", async () => {
    const entries = [said(1, "Please call me", { from: "visitor" })];
    await open({ conversation: conversation(entries, { state: "missed" }) });
    await press(button("Open chat"));
    expect(fieldOf("#message").value).toBe("Please call me");
    find("form").dispatchEvent(new Event("submit", { cancelable: true }));
    await rendered();
    expect(shows()).toContain("Write an address like name@example.com.");
    expect(root.activeElement?.id).toBe("email");
    expect(world.socket.all("leave")).toHaveLength(0);
    const email = fieldOf("#email");
    email.value = "kim@example.com";
    email.dispatchEvent(new Event("input"));
    await rendered();
    find("form").dispatchEvent(new Event("submit", { cancelable: true }));
    await rendered();
    const { email: sent, text } = world.socket.last("leave");
    expect([sent, text]).toEqual(["kim@example.com", "Please call me"]);
  });

  it("is open with its draft again after a page change, without taking the focus", async () => {
    await open();
    await press(button("Open chat"));
    await write("half a sen");
    document.body.replaceChildren();
    await open();
    expect(fieldOf("textarea").value).toBe("half a sen");
    expect(root.activeElement).toBeNull();
  });

  it("says that it reconnects, and that nothing is lost", async () => {
    await open({ conversation: conversation([said(1, "Hello")]) });
    await press(button("Open chat, unread: 1"));
    await world.socket.lose();
    await rendered();
    expect(shows()).toContain("Connection lost. Reconnecting; what you write is kept.");
    await world.pass(1_000);
    await welcome({ conversation: conversation([said(1, "Hello")]) });
    await rendered();
    expect(shows()).not.toContain("Connection lost");
  });

  it("shows a text as text", async () => {
    const text = `<img src=x onerror="alert(1)"> javascript:alert(1)`;
    await open({ conversation: conversation([said(1, text)]) });
    await press(button("Open chat, unread: 1"));
    expect(root.querySelector(".words img, .words a")).toBeNull();
    expect(find(".words").textContent).toBe(text);
  });

  it("asks before it ends a conversation", async () => {
    await open({ conversation: conversation([said(1, "Hello")]) });
    await press(button("Open chat, unread: 1"));
    await press(button("End conversation"));
    expect(world.socket.all("close")).toHaveLength(0);
    await press(find(".danger"));
    expect(world.socket.last("close")["conversation"]).toBe("c1");
  });
});

describe("the page's function", () => {
  it("opens, closes and toggles", async () => {
    await open();
    answer(model, ["open"]);
    expect(model.panel.state.isOpen).toBe(true);
    answer(model, ["toggle"]);
    expect(model.panel.state.isOpen).toBe(false);
  });

  it("identifies the visitor with what the protocol takes, and leaves out the rest", async () => {
    await open();
    const fields = { email: "kim@acme.example", n: 3, deep: { a: 1 }, f: () => 1, nan: NaN };
    answer(model, ["identify", fields, "a.b.c"]);
    await settled();
    expect(world.socket.last("identify")["fields"]).toEqual({ email: "kim@acme.example", n: 3 });
    expect(world.socket.last("identify")["jwt"]).toBe("a.b.c");
  });

  it("tells the page what happens", async () => {
    await open();
    const heard: string[] = [];
    answer(model, ["handleEvents", (name: string) => heard.push(name)]);
    answer(model, ["open"]);
    answer(model, ["track", "saw the price"]);
    await rendered();
    expect(heard).toEqual(["opened", "tracked"]);
  });

  it("ignores what it doesn't know", async () => {
    await open();
    for (const call of [[], ["no such thing"], [null], ["identify"], ["handleEvents", 3]]) {
      expect(() => answer(model, call)).not.toThrow();
    }
  });
});
