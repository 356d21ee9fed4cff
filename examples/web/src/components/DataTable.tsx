import type { Key, ReactNode } from "react";
import { useMessages } from "../i18n/messages";
import { messages } from "./messages";
import { Scroll } from "./Scroll";

interface Column<Row> {
  label: string;
  /** The cell. Long text wraps in a column with `isText`. */
  cell: (row: Row) => ReactNode;
  isText?: boolean;
}

/** A table that scrolls sideways on a narrow screen, or what to say if it has no rows. The first column names the row. */
export function DataTable<Row>({ label, columns, rows, keyOf, empty }: {
  label: string;
  columns: readonly Column<Row>[];
  /** Nothing is displayed for rows that could not be loaded. */
  rows: readonly Row[] | null | undefined;
  keyOf: (row: Row, index: number) => Key;
  /** The text without rows. */
  empty?: string;
}) {
  const text = useMessages(messages);
  if (!rows) return null;
  if (rows.length === 0) {
    return (
      <p className="muted" role="status">
        {empty ?? text.noData}
      </p>
    );
  }
  return (
    <Scroll label={label}>
      <table>
        <thead>
          <tr>
            {columns.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keyOf(row, index)}>
              {columns.map(({ label, cell, isText }, position) =>
                position === 0 ? (
                  <th key={label} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={label} className={isText ? "text" : undefined}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
