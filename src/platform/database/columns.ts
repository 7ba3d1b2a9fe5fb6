import type { EntitySchema, EntitySchemaColumnOptions } from 'typeorm';

/** The databases the service runs on, as TypeORM names them. */
export type DatabaseKind = 'better-sqlite3' | 'postgres';

type Options = Partial<EntitySchemaColumnOptions>;

/**
 * Column builders that mean the same on both databases: 64-bit integers (times in ms, keys, sequence
 * numbers), small integers (codes and flags), text, and bytes. TypeORM has no type name for bytes or for
 * 64-bit keys that both drivers know.
 */
export class PortableColumns {
  readonly bytesType: 'blob' | 'bytea';
  readonly int64Type: 'integer' | 'bigint';
  readonly smallType: 'integer' | 'smallint';

  constructor(readonly kind: DatabaseKind) {
    const postgres = kind === 'postgres';
    this.bytesType = postgres ? 'bytea' : 'blob';
    this.int64Type = postgres ? 'bigint' : 'integer';
    this.smallType = postgres ? 'smallint' : 'integer';
  }

  int64(options: Options = {}): EntitySchemaColumnOptions {
    return { type: this.int64Type, ...options };
  }

  int(options: Options = {}): EntitySchemaColumnOptions {
    return { type: 'integer', ...options };
  }

  small(options: Options = {}): EntitySchemaColumnOptions {
    return { type: this.smallType, ...options };
  }

  text(options: Options = {}): EntitySchemaColumnOptions {
    return { type: 'text', ...options };
  }

  /** Text that is compared and sorted by its code points on both databases, whatever the server's locale. */
  plainText(options: Options = {}): EntitySchemaColumnOptions {
    return { type: 'text', ...(this.kind === 'postgres' && { collation: 'C' }), ...options };
  }

  bytes(options: Options = {}): EntitySchemaColumnOptions {
    return { type: this.bytesType, ...options };
  }
}

/**
 * Names of a table's columns in the order of its schema, so that a new column is written down in the schema and
 * nowhere else. `without` leaves columns out, such as a large one that a list does not need.
 */
export function columnsOf<Row extends object>(
  schema: (column: PortableColumns) => EntitySchema<Row>,
  without: ReadonlyArray<keyof Row & string> = [],
): Array<keyof Row & string> {
  const { columns } = schema(new PortableColumns('better-sqlite3')).options;
  const names = Object.keys(columns) as Array<keyof Row & string>;
  return names.filter((name) => !without.includes(name));
}

/** `:a, :b`: placeholders for the values of an INSERT. */
export function placeholders(columns: readonly string[]): string {
  return columns.map((column) => `:${column}`).join(', ');
}

/** `a = :a, b = :b`: assignments of an UPDATE. */
export function assignments(columns: readonly string[]): string {
  return columns.map((column) => `${column} = :${column}`).join(', ');
}
