/** What the signed-in rep may do. The server decides; this only hides what it would refuse. */
import type { Right } from "./types";

export type Rights = readonly Right[];

export const maySeeAll = (rights: Rights) => rights.includes("see_all");
/** Capacity and groups of reps. */
export const mayManageTeam = (rights: Rights) => rights.includes("manage_team");
/** Invite, change roles, deactivate. */
export const mayManagePeople = (rights: Rights) => rights.includes("manage_people");
/** Read and change rules, owners, visitor fields. */
export const mayRoute = (rights: Rights) => rights.includes("routing");
