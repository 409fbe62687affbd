/** "1 rep", "3 reps", "1,200 reps". */
export const plural = (n: number, one: string, many: string) =>
  n === 1 ? `1 ${one}` : `${n.toLocaleString("en")} ${many}`;
