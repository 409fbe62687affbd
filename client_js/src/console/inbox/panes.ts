/** Which conversations stand side by side, and what opening and closing one does. Pure. */
import { MOST_PANES } from "../route";

/** Opens in place of the focused pane, or moves the focus when it is already open. */
export function show(panes: readonly string[], focused: string | null, id: string): string[] {
  if (panes.includes(id)) return [...panes];
  const at = focused === null ? -1 : panes.indexOf(focused);
  if (panes.length === 0 || at < 0) return [id];
  return panes.map((pane, i) => (i === at ? id : pane));
}

/** Opens beside the others; the oldest neighbour of a full screen gives way. */
export function beside(panes: readonly string[], focused: string | null, id: string): string[] {
  if (panes.includes(id)) return [...panes];
  if (panes.length < MOST_PANES) return [...panes, id];
  const leaving = panes.findLast((pane) => pane !== focused) ?? panes[0];
  return [...panes.filter((pane) => pane !== leaving), id];
}

export const without = (panes: readonly string[], id: string): string[] =>
  panes.filter((pane) => pane !== id);
