import "@testing-library/jest-dom/vitest";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Fault, Filter, Routing, RoutingField } from "../../../src/console/api/routing";
import { Toasts } from "../../../src/console/kit/toast";
import { drafts } from "../../../src/console/routing/draft-store";
import { FilterBuilder } from "../../../src/console/routing/filter-builder";
import { changed } from "../../../src/console/routing/rules";
import { addRule, Rules } from "../../../src/console/routing/rules-page";
import { OneValue } from "../../../src/console/routing/value-field";
import { desk, shown } from "../desk";
import { FIELDS, idsOf, NAMES, rule, setOf, test } from "./made";

/** What the server holds, and what it was asked. */
let server: Routing;
let asked: string[] = [];
let faults: Fault[] = [];
let refuse: { status: number; body: unknown } | null = null;

function answer(method: string, path: string): { status: number; body: unknown } {
  asked.push(`${method} ${path}`);
  if (method === "PUT" && refuse) return refuse;
  const bodies: Record<string, unknown> = {
    "/routing": server,
    "/routing/fields": { fields: FIELDS },
    "/routing/draft": { revision: 8, faults: [], lint: [] },
    "/routing/editing": { editors: [{ id: "r2", name: "Ben", at: 0 }], revision: server.revision },
    "/routing/check": { faults, lint: [] },
    "/routing/matches": { rules: { a: 3 }, default: 7, of: 10 },
    "/reps": { reps: [] },
    "/groups": { groups: [] },
  };
  return { status: 200, body: bodies[path] ?? {} };
}

beforeEach(() => {
  server = {
    live: { number: 4, at: 0, by: null, note: "", rules: setOf("a", "b", "c") },
    draft: null,
    revision: 7,
    editors: [],
  };
  asked = [];
  refuse = null;
  faults = [];
  localStorage.clear();
  drafts.restart(server);
  vi.stubGlobal("fetch", (input: string, init: RequestInit = {}) => {
    const { status, body } = answer(init.method ?? "GET", input.replace("/v1", ""));
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  vi.stubGlobal("matchMedia", () => ({
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
  // jsdom has no layout: the list is given a height to draw rows in.
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(800);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(400);
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const page = (open: string | null = null) =>
  shown(
    desk().live,
    <QueryClientProvider client={new QueryClient()}>
      <Rules open={open} />
      <Toasts />
    </QueryClientProvider>,
  );

const order = () => idsOf(drafts.state()?.now ?? setOf());

describe("a rule that was just added", () => {
  const NO_FIELD = "Choose a field.";
  const SLOW = { timeout: 4000 }; // the server is asked when the typing rests
  const begun = async () => {
    faults = [{ place: "/rules/0/when/all/0/field", code: "unknown_field", message: NO_FIELD }];
    addRule();
    const id = drafts.state()?.now.rules[0]?.id ?? "";
    page(id);
    await waitFor(() => expect(asked).toContain("POST /routing/check"));
    await screen.findByText(/Rule 1 of 4/);
    return id;
  };
  const said = () =>
    screen.queryAllByText(NO_FIELD).length + screen.queryAllByText(/to fix/).length;

  it("isn't blamed for what it lacks before it is edited", { timeout: 15_000 }, async () => {
    const id = await begun();
    expect(said()).toBe(0);
    act(() => drafts.edit((set) => changed(set, id, { name: "Large firms" })));
    expect(await screen.findByText("1 thing to fix", {}, SLOW)).toBeVisible();
    expect(screen.getAllByText(NO_FIELD)).not.toHaveLength(0);
  });

  it("is once somebody wants to publish it", { timeout: 15_000 }, async () => {
    await begun();
    fireEvent.click(screen.getByText("Publish"));
    expect(await screen.findByText("1 thing to fix", {}, SLOW)).toBeInTheDocument();
    expect(screen.getAllByText(NO_FIELD)).not.toHaveLength(0);
  });
});

describe("the list of rules", () => {
  it("moves a rule by keys, says where it is, and can take it back", async () => {
    page();
    const handle = await screen.findByRole("button", { name: "Move Rule a" });
    const user = userEvent.setup();
    act(() => handle.focus());
    await user.keyboard(" {ArrowDown}{ArrowDown}");
    expect(order()).toBe("bca");
    expect(screen.getByText("Rule a is at place 3 of 3.")).toBeInTheDocument();
    await user.keyboard("{Escape}");
    expect(order()).toBe("abc");
  });

  it("deletes with undo, to the very place", async () => {
    page();
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "More for Rule b" }));
    await user.click(screen.getByRole("menuitem", { name: "Delete" }));
    expect(order()).toBe("ac");
    await user.click(
      within(screen.getByText("Deleted Rule b.").parentElement as HTMLElement).getByRole("button", {
        name: "Undo",
      }),
    );
    expect(order()).toBe("abc");
  });

  it("switches a rule off, and says who else is here", async () => {
    page();
    await userEvent.click(await screen.findByRole("switch", { name: "Rule a: on" }));
    expect(drafts.state()?.now.rules[0]?.on).toBe(false);
    expect(await screen.findByText("Ben also here")).toBeVisible();
  });

  it("keeps the default rule last, with no way to delete it", async () => {
    page();
    const last = (await screen.findByText("Default rule")).closest("a");
    expect(last).toHaveAttribute("href", "#/routing/rules/default");
    expect(screen.queryByRole("button", { name: "More for Default rule" })).toBeNull();
  });
});

describe("a draft", () => {
  it("is saved only when told to, under the revision it was read with", async () => {
    page("a");
    const name = await screen.findByRole("textbox", { name: "Name of the rule" });
    await userEvent.type(name, "x");
    expect(screen.getByText("Unsaved changes")).toBeVisible();
    expect(asked).not.toContain("PUT /routing/draft");
    server = {
      ...server,
      revision: 8,
      draft: { revision: 8, base: 4, at: 0, by: null, rules: server.live.rules },
    };
    await userEvent.click(screen.getByRole("button", { name: "Save draft" }));
    expect(asked).toContain("PUT /routing/draft");
    expect(drafts.state()?.stored.revision).toBe(8);
  });

  it("that somebody else changed meanwhile asks what shall become of both", async () => {
    const theirs = setOf("a", "b", "c", rule("d", { name: "Partners" }));
    const by = { id: "r2", name: "Ben" };
    refuse = {
      status: 409,
      body: {
        code: "changed",
        message: "",
        by,
        at: 0,
        draft: { revision: 8, base: 4, at: 0, by, rules: theirs },
      },
    };
    page("a");
    await userEvent.type(await screen.findByRole("textbox", { name: "Name of the rule" }), "x");
    await userEvent.click(screen.getByRole("button", { name: "Save draft" }));
    const dialog = await screen.findByRole("dialog", { name: "Two people changed the draft" });
    expect(within(dialog).getByText("Partners")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("button", { name: "Keep mine on top" }));
    expect(order()).toBe("abcd");
    expect(drafts.state()?.now.rules[0]?.name).toBe("Rule ax");
  });

  it("comes back after a reload", async () => {
    page("a");
    await userEvent.type(await screen.findByRole("textbox", { name: "Name of the rule" }), "x");
    drafts.keep();
    const { DraftStore } = await import("../../../src/console/routing/draft-store");
    const reloaded = new DraftStore();
    reloaded.load(server);
    expect(reloaded.state()?.now.rules[0]?.name).toBe("Rule ax");
    expect(reloaded.restored()).not.toBeNull();
  });
});

describe("the filter builder", () => {
  const build = (filter: Filter) => {
    const changed = vi.fn();
    const known = { ...NAMES, allFields: FIELDS, allReps: [], allGroups: [] };
    shown(
      desk().live,
      <FilterBuilder filter={filter} known={known} faults={[]} lint={[]} onChange={changed} />,
    );
    return changed;
  };
  const last = (changed: ReturnType<typeof vi.fn>) => changed.mock.lastCall?.[0] as Filter;

  it("adds conditions and groups", async () => {
    const changed = build({ all: [test("utm.source", "is", "ads")] });
    await userEvent.click(screen.getByRole("button", { name: "Group" }));
    expect(last(changed)).toEqual({
      all: [test("utm.source", "is", "ads"), { any: [{ field: "", op: "" }] }],
    });
  });

  it("takes a pasted list as values, each once", async () => {
    const changed = build({ all: [test("utm.source", "one_of", ["ads"])] });
    await userEvent.click(screen.getByRole("textbox", { name: "Add a value" }));
    await userEvent.paste("news\nads\nmail");
    expect(last(changed)).toEqual({ all: [test("utm.source", "one_of", ["ads", "news", "mail"])] });
  });

  it("makes numbers of what is typed in a number's field", async () => {
    const changed = build({ all: [test("visitor.employees", "greater", null)] });
    await userEvent.type(screen.getByRole("textbox", { name: "Value" }), "7");
    expect(last(changed)).toEqual({ all: [test("visitor.employees", "greater", 7)] });
  });

  it("says of an empty filter that it takes everybody", () => {
    build({ all: [] });
    expect(screen.getByText("Every visitor.")).toBeVisible();
  });

  it("shows that nothing is chosen yet of a yes or no", () => {
    const customer: RoutingField = {
      key: "field.customer",
      label: "Customer",
      type: "boolean",
      source: "visitor",
      example: true,
      values: [],
      operators: [],
    };
    render(
      <OneValue
        test={{ field: "field.customer", op: "is" }}
        field={customer}
        label="Customer"
        value={null}
        invalid={false}
        describedBy={undefined}
        onChange={() => undefined}
      />,
    );
    expect(screen.getByRole("button", { name: /Customer/ })).toHaveTextContent("Choose a value");
  });
});
