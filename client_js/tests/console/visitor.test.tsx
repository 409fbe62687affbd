import "@testing-library/jest-dom/vitest";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { About } from "../../src/protocol/index.ts";
import { Fields } from "../../src/console/visitor/fields";
import {
  fieldRows,
  personRows,
  sourceWords,
  typed,
  valueWords,
} from "../../src/console/visitor/known";
import { desk, shown } from "./desk";

const PLAN = {
  name: "plan",
  label: "Plan",
  type: "picklist",
  values: ["Free", "Gold"],
  sources: [],
} as const;
const SEATS = { name: "seats", label: "Seats", type: "number", values: [], sources: [] } as const;
const AT = new Date(Date.now() - 180_000).toISOString();

const visitor: About = {
  id: "v1",
  company: "Acme",
  fields: { plan: "Free", shoe_size: 42 },
  sources: { "visitor.company": "rep", "field.plan": "page_api" },
  edited: { "visitor.company": { rep: { id: "r2", name: "Ben" }, at: AT } },
};

describe("what is known", () => {
  it("is the person, the desk's own fields in their order, and what a page said besides", () => {
    const person = personRows(visitor).filter((row) => row.value !== null);
    expect(person.map((row) => [row.label, row.value])).toEqual([["Company", "Acme"]]);
    expect(
      fieldRows(visitor, [SEATS, PLAN]).map(({ label, type, value }) => [label, type, value]),
    ).toEqual([
      ["Seats", "number", null],
      ["Plan", "picklist", "Free"],
      ["Shoe size", "number", 42],
    ]);
  });

  it("says who said so, and who of us entered it", () => {
    const [company] = personRows(visitor).filter((row) => row.name === "company");
    const [plan] = fieldRows(visitor, [PLAN]);
    if (!company || !plan) throw new Error("no rows");
    expect(sourceWords(company, "r1", Date.now())).toBe("Ben, 3m ago");
    expect(sourceWords(company, "r2", Date.now())).toBe("You, 3m ago");
    expect(sourceWords(plan, "r1", Date.now())).toBe("Page");
  });

  it("is typed and read as its type", () => {
    expect([typed("number", " 1,200 "), typed("number", "many"), typed("text", " ")]).toEqual([
      1200,
      "many",
      null,
    ]);
    expect(valueWords({ type: "date", value: "2026-12-01" })).toBe("1 Dec 2026");
    expect(valueWords({ type: "number", value: 1200 })).toBe("1,200");
  });
});

describe("a field in the panel", () => {
  let answer: (sent: { fields: Record<string, unknown> }) => [number, unknown];
  const sent: unknown[] = [];
  const panel = (editable = true) => {
    const { live } = desk({ me: { id: "r1", name: "Ana" } });
    shown(
      live,
      <QueryClientProvider client={new QueryClient()}>
        <Fields visitor={visitor} conversation="c1" editable={editable} />
      </QueryClientProvider>,
    );
  };

  beforeEach(() => {
    sent.length = 0;
    answer = () => [200, { visitor }];
    vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
      if (init.method === "GET") return json(200, { fields: [PLAN, SEATS] });
      const body = JSON.parse(init.body as string) as { fields: Record<string, unknown> };
      sent.push([init.method, path, body]);
      return json(...answer(body));
    });
  });
  afterEach(() => {
    cleanup();
    vi.unstubAllGlobals();
  });

  it("is edited in place, and shows what was entered until the desk tells it", async () => {
    panel();
    await userEvent.click(screen.getByRole("button", { name: "Acme: edit Company" }));
    const input = screen.getByRole("textbox", { name: "Company" });
    expect(input).toHaveFocus();
    await userEvent.clear(input);
    await userEvent.type(input, "Acme Ltd{Enter}");
    await screen.findByRole("button", { name: "Acme Ltd: edit Company" });
    expect(sent).toEqual([
      ["PATCH", "/v1/conversations/c1/visitor", { fields: { company: "Acme Ltd" } }],
    ]);
  });

  it("stays as it was after Escape, or when nothing was changed", async () => {
    panel();
    await userEvent.click(screen.getByRole("button", { name: "Acme: edit Company" }));
    await userEvent.type(screen.getByRole("textbox"), " and more{Escape}");
    await userEvent.click(screen.getByRole("button", { name: "Acme: edit Company" }));
    await userEvent.keyboard("{Enter}");
    expect(await screen.findByRole("button", { name: "Acme: edit Company" })).toHaveFocus();
    expect(sent).toEqual([]);
  });

  it("says beside it what is wrong, and keeps what was typed", async () => {
    answer = () => [400, { code: "bad_request", message: "", fields: { company: "Too odd." } }];
    panel();
    await userEvent.click(screen.getByRole("button", { name: "Acme: edit Company" }));
    await userEvent.type(screen.getByRole("textbox"), "!{Enter}");
    await waitFor(() => expect(screen.getByRole("alert")).toHaveTextContent("Too odd."));
    expect(screen.getByRole("textbox")).toHaveAccessibleDescription("Too odd.");
    expect(screen.getByRole("textbox")).toBeInvalid();
  });

  it("that isn't a number is refused before anybody is asked", async () => {
    panel();
    await userEvent.click(screen.getByRole("button", { name: "42: edit Shoe size" }));
    await userEvent.clear(screen.getByRole("textbox"));
    await userEvent.type(screen.getByRole("textbox"), "big{Enter}");
    expect(screen.getByRole("alert")).toHaveTextContent("This must be a number.");
    expect(sent).toEqual([]);
  });

  it("with choices offers them, and not to know it", async () => {
    panel();
    await userEvent.click(await screen.findByRole("button", { name: "Free: edit Plan" }));
    const offered = await screen.findAllByRole("option");
    expect(offered.map((one) => one.textContent)).toEqual(["Free", "Gold", "Not known"]);
    await userEvent.click(screen.getByRole("option", { name: "Gold" }));
    await screen.findByRole("button", { name: "Gold: edit Plan" });
    expect(sent).toEqual([["PATCH", "/v1/conversations/c1/visitor", { fields: { plan: "Gold" } }]]);
  });

  it("is only read by who doesn't hold the conversation", () => {
    panel(false);
    expect(screen.getByText("Acme")).toBeVisible();
    expect(screen.queryByRole("button")).toBeNull();
  });
});

const json = (status: number, body: unknown) =>
  Promise.resolve(new Response(JSON.stringify(body), { status }));
