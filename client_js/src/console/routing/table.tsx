/** A table of figures: sorted by its heads, rows one after the other. */
import { ArrowDown, ArrowUp } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";

import { texts } from "../texts";

export interface Column<Row> {
  id: string;
  name: string;
  number?: boolean;
  cell: (row: Row) => ReactNode;
  /** What it is sorted by; without, it isn't. */
  by?: (row: Row) => string | number;
}

interface Props<Row> {
  label: string;
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  columns: readonly Column<Row>[];
  /** More rows are drawn on request. */
  most?: number;
}

export function DataTable<Row>({ label, rows, rowKey, columns, most = 200 }: Props<Row>) {
  const [sort, setSort] = useState<{ id: string; down: boolean } | null>(null);
  const [shown, setShown] = useState(most);
  const by = columns.find((column) => column.id === sort?.id)?.by;
  const sorted = useMemo(
    () => (by ? ordered(rows, by, sort?.down ?? false) : rows),
    [rows, by, sort],
  );
  return (
    <div className="data-box" role="region" aria-label={label} tabIndex={0}>
      <table className="data">
        <thead>
          <tr>
            {columns.map((column) => {
              const on = sort?.id === column.id;
              return (
                <th
                  key={column.id}
                  scope="col"
                  className={column.number ? "number" : ""}
                  aria-sort={on ? (sort.down ? "descending" : "ascending") : undefined}
                >
                  {column.by ? (
                    <button
                      type="button"
                      title={texts.routing.fairness.sort(column.name)}
                      onClick={() =>
                        setSort({
                          id: column.id,
                          down: on ? !sort.down : (column.number ?? false),
                        })
                      }
                    >
                      {column.name}
                      <span className="sort-mark" aria-hidden="true">
                        {on ? sort.down ? <ArrowDown size={12} /> : <ArrowUp size={12} /> : null}
                      </span>
                    </button>
                  ) : (
                    column.name
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, shown).map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td
                  key={column.id}
                  className={column.number ? "number num" : ""}
                  data-label={column.name}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > shown ? (
        <button type="button" className="button quiet small" onClick={() => setShown(shown + most)}>
          {texts.routing.more(sorted.length - shown)}
        </button>
      ) : null}
    </div>
  );
}

function ordered<Row>(
  rows: readonly Row[],
  by: (row: Row) => string | number,
  down: boolean,
): readonly Row[] {
  const sign = down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [by(a), by(b)];
    if (typeof left === "number" && typeof right === "number") return sign * (left - right);
    return sign * String(left).localeCompare(String(right));
  });
}
