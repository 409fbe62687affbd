/** A desk whose state a test sets and whose calls it reads. */
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";

import {
  type Chat,
  type Live,
  type LiveState,
  NOTHING,
  type Ring,
} from "../../src/console/live/live";
import { LiveContext } from "../../src/console/live/use-live";
import { conversation, said } from "../client/world.ts";

export function desk(first: Partial<LiveState> = {}) {
  let state: LiveState = { ...NOTHING, loaded: true, link: { phase: "online" }, ...first };
  const listeners = new Set<() => void>();
  const done = () => Promise.resolve();
  const live: Live = {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setAvailability: vi.fn(done),
    claim: vi.fn(() => Promise.resolve(true)),
    decline: vi.fn(done),
    transfer: vi.fn(done),
    close: vi.fn(done),
    seen: vi.fn(),
    forgetRing: vi.fn(),
    send: vi.fn(),
    sendAgain: vi.fn(),
    discard: vi.fn(),
    typing: vi.fn(),
    read: vi.fn(),
    dismiss: vi.fn(),
    forgetNotice: vi.fn(),
    reconnect: vi.fn(),
  };
  const set = (change: Partial<LiveState>) => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };
  return { live, set };
}

export const shown = (live: Live, children: ReactNode) =>
  render(<LiveContext value={live}>{children}</LiveContext>);

export const chat = (more: Partial<Chat> = {}): Chat => ({
  conversation: conversation([said(1, "Hello", { from: "visitor" })], {
    visitor: { id: "v1", name: "Priya" },
    visitor_here: true,
  }),
  unsent: [],
  visitorTyping: false,
  behind: null,
  over: null,
  ...more,
});

export const ring = (more: Partial<Ring> = {}): Ring => ({
  since: Date.now(),
  starting: false,
  ended: null,
  offer: {
    type: "offer",
    conversation: "c1",
    visitor: { id: "v1", name: "Priya" },
    reason: "First available",
    requested_at: new Date().toISOString(),
    expires_at: new Date(Date.now() + 30_000).toISOString(),
  },
  ...more,
});
