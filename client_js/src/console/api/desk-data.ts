/** What routing looks at beside its rules: owners, visitor fields, working hours, presence. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { call } from "./http";
import type { FieldType } from "./routing";

export type OwnerKind = "contact" | "lead" | "account" | "outreach_sender" | "outreach_owner";
export const OWNER_KINDS: readonly OwnerKind[] = [
  "contact",
  "lead",
  "account",
  "outreach_sender",
  "outreach_owner",
];

/** Who owns a person (`key` an email) or a company (`key` a domain). */
export interface Owner {
  readonly id: string;
  readonly kind: OwnerKind;
  readonly key: string;
  /** Null: no rep of ours has that address. */
  readonly rep_id: string | null;
  readonly rep_email: string;
  readonly name: string;
  readonly record: string;
  readonly system: string;
  readonly updated_at: number;
}

export type NewOwner = Pick<Owner, "kind" | "key" | "rep_email" | "name">;

export const ownersQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: ["owners", q],
    queryFn: ({ pageParam, signal }) =>
      call<{ owners: readonly Owner[]; cursor: string | null; total?: number }>(
        "GET",
        `/owners?${new URLSearchParams({ ...(q ? { q } : {}), ...(pageParam ? { cursor: pageParam } : {}) }).toString()}`,
        undefined,
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor,
    staleTime: 10_000,
  });

export const putOwner = (owner: NewOwner) => call<Owner>("PUT", "/owners", owner);
export const deleteOwner = (id: string) =>
  call<unknown>("DELETE", `/owners/${encodeURIComponent(id)}`);

export interface Imported {
  readonly added: number;
  readonly changed: number;
  readonly same: number;
  readonly faults: readonly { line: number; message: string }[];
}

export const importOwners = (csv: string, preview: boolean) =>
  call<Imported>("POST", `/owners/import${preview ? "?preview=1" : ""}`, { csv });

export interface VisitorField {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  /** Of a picklist. */
  readonly values: readonly string[];
  /** Which source's value is taken, first to last (VS-3). */
  readonly sources: readonly string[];
  readonly created_at?: number;
}

export const SOURCES = [
  "rep",
  "salesforce",
  "marketing",
  "signed_identity",
  "form",
  "chat",
  "workflow",
  "page_api",
  "url",
  "enrichment",
] as const;

export const visitorFieldsQuery = queryOptions({
  queryKey: ["visitor-fields"],
  queryFn: async ({ signal }) =>
    (await call<{ fields: VisitorField[] }>("GET", "/visitor-fields", undefined, signal)).fields,
  staleTime: 30_000,
});

export const addVisitorField = (field: VisitorField) =>
  call<VisitorField>("POST", "/visitor-fields", field);
export const changeVisitorField = (name: string, change: Partial<VisitorField>) =>
  call<VisitorField>("PATCH", `/visitor-fields/${encodeURIComponent(name)}`, change);
export const deleteVisitorField = (name: string) =>
  call<unknown>("DELETE", `/visitor-fields/${encodeURIComponent(name)}`);

/** From, until; "24:00" is the day's end. */
export type Span = readonly [string, string];

export interface Hours {
  readonly timezone: string;
  /** Seven days, Monday first. */
  readonly week: readonly (readonly Span[])[];
  /** Days off, as "2026-12-24". */
  readonly off: readonly string[];
}

const rep = (id: string) => `/reps/${encodeURIComponent(id)}`;

/** Null: always. */
export const hoursQuery = (id: string) =>
  queryOptions({
    queryKey: ["hours", id],
    queryFn: async ({ signal }) =>
      (await call<{ hours: Hours | null }>("GET", `${rep(id)}/hours`, undefined, signal)).hours,
  });
export const putHours = (id: string, hours: Hours) =>
  call<unknown>("PUT", `${rep(id)}/hours`, hours);
export const deleteHours = (id: string) => call<unknown>("DELETE", `${rep(id)}/hours`);

export const setAvailabilityOf = (id: string, state: "available" | "away") =>
  call<unknown>("POST", `${rep(id)}/availability`, { state });

export interface PresenceRecord {
  readonly at: number;
  readonly state: string;
  readonly cause: string;
  readonly words: string;
}

export const presenceQuery = (id: string, from: number, to: number) =>
  queryOptions({
    queryKey: ["presence", id, from, to],
    queryFn: async ({ signal }) =>
      (
        await call<{ presence: readonly PresenceRecord[] }>(
          "GET",
          `${rep(id)}/presence?from=${from}&to=${to}`,
          undefined,
          signal,
        )
      ).presence,
    staleTime: 10_000,
  });
