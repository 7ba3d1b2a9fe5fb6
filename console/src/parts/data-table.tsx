import type { ComponentChildren } from 'preact';

export interface Column<T> {
  label: string;
  cell: (row: T) => ComponentChildren;
  /** `number`: aligned on the right. `action`: a button, whose label only screen readers need. */
  kind?: 'number' | 'action';
}

interface Props<T> {
  label: string;
  columns: ReadonlyArray<Column<T>>;
  rows: readonly T[];
  keyOf: (row: T) => string | number;
}

/** A table. On a narrow page each row becomes a card, so that nothing has to be scrolled sideways. */
export function DataTable<T>({ label, columns, rows, keyOf }: Props<T>) {
  // The roles are those of the elements; a browser drops them from elements that are not displayed as a table.
  return (
    <table class="table stacked" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.label} role="columnheader" scope="col" class={column.kind}>
              {column.kind === 'action' ? <span class="sr-only">{column.label}</span> : column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row">
            {columns.map((column) => (
              <td key={column.label} role="cell" class={column.kind} data-label={column.label}>
                <div class="cell">{column.cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
