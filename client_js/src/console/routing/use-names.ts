/** What rules name by id: fields, reps, groups. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { groupsQuery, repsQuery } from "../api/people";
import { type RoutingField, routingFieldsQuery } from "../api/routing";
import type { Group, Rep } from "../api/types";
import type { Names } from "./sentence";

export interface Known extends Names {
  readonly allReps: readonly Rep[];
  readonly allGroups: readonly Group[];
  readonly allFields: readonly RoutingField[];
}

const NONE: readonly never[] = [];

export function useNames(): Known {
  const allReps = useQuery(repsQuery).data ?? NONE;
  const allGroups = useQuery(groupsQuery).data ?? NONE;
  const allFields = useQuery(routingFieldsQuery).data ?? NONE;
  return useMemo(
    () => ({
      allReps,
      allGroups,
      allFields,
      fields: new Map(allFields.map((field) => [field.key, field])),
      reps: new Map(allReps.map((rep) => [rep.id, rep.name])),
      groups: new Map(allGroups.map((group) => [group.id, group.name])),
    }),
    [allReps, allGroups, allFields],
  );
}
