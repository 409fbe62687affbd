import { queryOptions } from "@tanstack/react-query";

import { call } from "./http";
import type { Group, Invitation, Me, Rep, Role } from "./types";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => call<Me>("GET", "/me", undefined, signal),
  staleTime: 60_000,
});

export const repsQuery = queryOptions({
  queryKey: ["reps"],
  queryFn: async ({ signal }) =>
    (await call<{ reps: Rep[] }>("GET", "/reps", undefined, signal)).reps,
  staleTime: 30_000,
});

export const groupsQuery = queryOptions({
  queryKey: ["groups"],
  queryFn: async ({ signal }) =>
    (await call<{ groups: Group[] }>("GET", "/groups", undefined, signal)).groups,
  staleTime: 30_000,
});

export const invitationsQuery = queryOptions({
  queryKey: ["invitations"],
  queryFn: async ({ signal }) =>
    (await call<{ invitations: Invitation[] }>("GET", "/invitations", undefined, signal))
      .invitations,
  staleTime: 10_000,
});

export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ["invitation", token],
    queryFn: ({ signal }) =>
      call<{ email: string; role: Role; invited_by: string }>(
        "GET",
        `/invitations/by-token/${encodeURIComponent(token)}`,
        undefined,
        signal,
      ),
    retry: false,
  });

const at = (id: string) => encodeURIComponent(id);

export const signIn = (email: string, password: string) =>
  call<unknown>("POST", "/sign-in", { email, password });
export const signOut = () => call<unknown>("POST", "/sign-out");
export const signOutEverywhere = () => call<unknown>("POST", "/sign-out-everywhere");
export const accept = (token: string, name: string, password: string) =>
  call<unknown>("POST", "/invitations/accept", { token, name, password });

export const changeMe = (change: { name: string }) => call<Me>("PATCH", "/me", change);
export const changePassword = (current: string, next: string) =>
  call<unknown>("POST", "/me/password", { current, new: next });

export type RepChange = Partial<Pick<Rep, "role" | "capacity" | "groups" | "active">>;
export const changeRep = (id: string, change: RepChange) =>
  call<Rep>("PATCH", `/reps/${at(id)}`, change);

export const putGroup = (id: string | null, group: { name: string; members: readonly string[] }) =>
  id === null
    ? call<Group>("POST", "/groups", group)
    : call<Group>("PATCH", `/groups/${at(id)}`, group);
export const deleteGroup = (id: string) => call<unknown>("DELETE", `/groups/${at(id)}`);

export const invite = (body: { email: string; role: Role; groups: readonly string[] }) =>
  call<Invitation>("POST", "/invitations", body);
export const resend = (id: string) => call<Invitation>("POST", `/invitations/${at(id)}/resend`);
export const revoke = (id: string) => call<unknown>("DELETE", `/invitations/${at(id)}`);
