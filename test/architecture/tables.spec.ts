import { join } from 'node:path';
import { ownersOf, readSources, usesOf, type TableUse } from './tables';

/** A feature may use a table of another feature for this reason only. */
interface Permission {
  feature: string;
  tables: readonly string[];
  writes?: boolean;
  reason: string;
}

/**
 * Each table belongs to the feature whose folder holds its entity. Only its owner reads and writes it, except for
 * these. An entry that no SQL needs any more fails the test as well.
 */
const PERMISSIONS: readonly Permission[] = [
  {
    feature: 'audit',
    tables: ['user_keys'],
    reason: 'The audit log shows public user ids, also of deleted accounts: user_keys keeps them longest.',
  },
  {
    feature: 'usage',
    tables: ['graphs', 'versions', 'user_keys'],
    reason: 'The nightly check counts the rows that the counters stand for.',
  },
  {
    feature: 'backups',
    tables: ['graphs', 'versions', 'version_texts', 'journal', 'seals', 'users', 'user_keys'],
    reason: 'A copy reads every table (domain/copied-tables.ts), and a verification compares with them.',
  },
  {
    feature: 'backups',
    tables: ['user_keys', 'master_keys', 'graphs', 'journal'],
    writes: true,
    reason: 'A rebuild fills an empty database, the keys included.',
  },
  {
    feature: 'graphs',
    tables: ['versions'],
    reason: 'Retention counts versions up to a limit, to compare a plan with what exists.',
  },
  {
    feature: 'graphs',
    tables: ['sources', 'source_items'],
    reason: 'The list of graphs by their source is one statement, however many graphs the source fills.',
  },
  {
    feature: 'sources',
    tables: ['graphs'],
    reason: 'A list of items shows which graphs were edited, deleted or purged here, in one statement.',
  },
  {
    feature: 'recovery',
    tables: ['graphs', 'versions', 'version_texts'],
    writes: true,
    reason:
      'An account recovery moves all staged rows to their tables inside the database, in one transaction.',
  },
];

const SOURCES = readSources(join(__dirname, '..', '..'));
const OWNERS = ownersOf(SOURCES);
const TABLES = new Set(OWNERS.keys());

const permits = (permission: Permission, use: TableUse) =>
  permission.feature === use.feature &&
  permission.tables.includes(use.table) &&
  (permission.writes ?? false) === use.writes;

const foreignUses = [...SOURCES]
  .flatMap(([file, text]) => usesOf(file, text, TABLES))
  .filter(({ table, feature }) => OWNERS.get(table) !== feature);

const describeUse = ({ file, table, writes }: TableUse) => `${file} ${writes ? 'writes' : 'reads'} ${table}`;

describe('the tables', () => {
  it('each have an owner', () => {
    expect(OWNERS.size).toBeGreaterThan(20);
    expect(OWNERS.get('graphs')).toBe('graphs');
    expect(OWNERS.get('versions')).toBe('versions');
    expect(OWNERS.get('journal')).toBe('audit');
  });

  it('are used by their owners, and by others only for a reason', () => {
    const forbidden = foreignUses.filter(
      (use) => !PERMISSIONS.some((permission) => permits(permission, use)),
    );
    expect(forbidden.map(describeUse)).toEqual([]);
  });

  it.each(
    PERMISSIONS.flatMap((permission) =>
      permission.tables.map((table) => ({
        permission,
        table,
        name: `${permission.feature} ${permission.writes ? 'writes' : 'reads'} ${table}`,
      })),
    ),
  )('need the permission: $name', ({ permission, table }) => {
    const used = foreignUses.some((use) => use.table === table && permits(permission, use));
    expect(used).toBe(true);
  });

  it.each([
    ['SELECT 1 FROM graphs WHERE id = :id', false],
    ['SELECT 1 FROM users u JOIN graphs g ON g.user_key = u.key', false],
    ['INSERT INTO graphs (id) VALUES (:id)', true],
    ['UPDATE graphs SET title = :title', true],
    ['DELETE FROM graphs WHERE id = :id', true],
  ])('are found in SQL: %s', (sql, writes) => {
    const uses = usesOf('src/backups/planted.store.ts', `const s = new Statement('${sql}');`, TABLES);
    expect(uses).toContainEqual({
      file: 'src/backups/planted.store.ts',
      feature: 'backups',
      table: 'graphs',
      writes,
    });
  });
});
