import type { Key, ReactNode } from "react";
import { Scroll } from "./Scroll";

interface Column<Row> {
  label: string;
  /** The cell. Long text wraps in a column with `isText`. */
  cell: (row: Row) => ReactNode;
  isText?: boolean;
}

/** A table that scrolls sideways on a narrow screen. The first column names the row. */
export function DataTable<Row>({ label, columns, rows, keyOf }: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row, index: number) => Key;
}) {
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
