import "@testing-library/jest-dom/vitest";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";

import { Sentences } from "../../src/console/history/sentences";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it.each(["Two others meant were offline.", "Both reps meant were offline."])(
  "unfolds the names of those who were offline, and nobody else's: %s",
  async (counted) => {
    const reps = ["Ana", "Ben", "Cleo"].map((name, i) => ({ id: `r${i}`, name }));
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify({ reps }))));
    const considered = [
      { rep: "r0", eligibility: "eligible" },
      { rep: "r1", eligibility: "offline" },
      { rep: "gone", eligibility: "offline" },
    ];
    render(
      <QueryClientProvider client={new QueryClient()}>
        <Sentences words={["Rang one rep.", counted]} record={{ considered }} />
      </QueryClientProvider>,
    );
    expect(screen.getByText("Rang one rep.").tagName).toBe("LI");
    await userEvent.click(screen.getByText(counted));
    expect(await screen.findByText("Ben")).toBeVisible();
    expect(screen.getByText("A former colleague")).toBeVisible();
    expect(screen.queryByText("Ana")).toBeNull();
  },
);
