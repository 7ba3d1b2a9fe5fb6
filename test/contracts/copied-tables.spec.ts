import { COPIED_TABLES, NOT_COPIED } from '../../src/backups/domain/copied-tables';
import { entities } from '../../src/entities';

it('has every table of the database in the vault’s list, or outside it with a reason, column by column', () => {
  const tables = entities('better-sqlite3').map(({ options }) => ({
    table: options.name,
    columns: Object.keys(options.columns).sort(),
    bytes: Object.entries(options.columns).flatMap(([name, column]) =>
      column?.type === 'blob' ? [name] : [],
    ),
  }));
  const known = [...COPIED_TABLES.map(({ table }) => table), ...Object.keys(NOT_COPIED)];
  expect(known.sort()).toEqual(tables.map(({ table }) => table).sort());
  for (const { table, columns } of COPIED_TABLES)
    expect([table, [...columns].sort()]).toEqual([table, tables.find((one) => one.table === table)!.columns]);
  for (const { table, bytes = [] } of COPIED_TABLES)
    expect([table, [...bytes].sort()]).toEqual([
      table,
      tables.find((one) => one.table === table)!.bytes.sort(),
    ]);
  for (const reason of Object.values(NOT_COPIED)) expect(reason.length).toBeGreaterThan(10);
});
