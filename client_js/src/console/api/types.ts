/** What the HTTP interface answers. Times are ms since 1970. */
import type { About, LogEntry, Person } from "../../protocol/index.ts";

export type Role = "admin" | "manager" | "rep" | "meetings_only";
export const ROLES: readonly Role[] = ["admin", "manager", "rep", "meetings_only"];

export type Right =
  "see_all" | "take_chats" | "manage_team" | "manage_people" | "routing" | "persons";

export interface Rep {
  id: string;
  email: string;
  name: string;
  picture?: string;
  role: Role;
  capacity: number;
  active: boolean;
  groups: readonly string[];
}

/** Whoever is signed in. `desk` is its name. */
export interface Me extends Rep {
  rights: readonly Right[];
  desk: string;
}

export interface Group {
  id: string;
  name: string;
  members: readonly string[];
}

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  groups: readonly string[];
  invited_by: string;
  created_at: number;
  expires_at: number;
  /** In the answer to inviting and resending only. */
  link?: string;
}

export interface PastConversation {
  id: string;
  state: "requested" | "active" | "closed" | "missed";
  visitor: About | null;
  rep: Person | null;
  requested_at: number;
  claimed_at: number | null;
  ended_at: number | null;
  /** What the visitor of a missed conversation left. */
  email: string | null;
  /** The newest words said. */
  text: string;
}

export interface ConversationPage {
  conversations: readonly PastConversation[];
  cursor: string | null;
}

export interface WholeConversation extends PastConversation {
  entries: readonly LogEntry[];
  /** There are earlier entries still. */
  more: boolean;
  decision: unknown;
  /** Every routing of it, oldest first, with its words (RT-12). */
  decisions?: readonly ToldDecision[];
}

export interface ToldDecision {
  at: number;
  record: unknown;
  words: readonly string[];
}
