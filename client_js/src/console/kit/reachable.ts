/** For the list below a field that moves through it: so that the list itself can be reached, too,
 * and scrolled. Only after the library has looked at it: a tabindex that it finds at first means a
 * list that moves by itself, and then neither arrows nor Enter work from the field. */
export const reachable = (list: HTMLElement | null): void =>
  queueMicrotask(() => list?.setAttribute("tabindex", "0"));
