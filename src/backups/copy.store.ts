import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement, type SqlParams } from '../platform/database/statement';
import { COPIED_TABLES, type CopiedTable } from './domain/copied-tables';
import type { Row } from './domain/row-block';
import { ownMember } from '../platform/hardening/own-member';

/**
 * Rows are read in pages of about this many bytes; a larger row is a page of its own. On SQLite a page is read, packed
 * and, when it is loaded again, written without a pause: requests wait meanwhile.
 */
const PAGE_BYTES = 256 * 1024;
const PAGE_ROWS = 800;
/** Rows of the first page, before the size of rows is known. */
const FIRST_ROWS = 64;
/** Bytes of a row without its large column, to choose the size of a page. */
const ROW_BYTES = 200;

const graphKey = new Statement<{ key: number }>(
  'SELECT key FROM graphs WHERE user_key = :user_key AND id = :id',
);
const keptVersions = new Statement<{ version: number }>(
  'SELECT version FROM versions WHERE user_key = :user_key AND graph_key = :graph_key ORDER BY version',
);
const keptTexts = new Statement<{ version: number }>(
  'SELECT version FROM version_texts WHERE user_key = :user_key AND graph_key = :graph_key ORDER BY version',
);
const sealColumns = COPIED_TABLES.find(({ table }) => table === 'seals')!.columns;
const sealsAbove = new Statement<Row>(
  `SELECT ${sealColumns.join(', ')} FROM seals WHERE number > :after ORDER BY number LIMIT :limit`,
);
const migrations = new Statement<{ name: string }>('SELECT name FROM migrations ORDER BY timestamp');

/** How a page of a table is read: the lengths of its large column first, so that a page fits into memory. */
interface Page {
  sizes: Statement<{ bytes: number }> | undefined;
  rows: Statement<Row>;
}

/** Reads what goes into a segment, page by page, so that memory does not grow with the database. */
@Injectable()
export class CopyStore {
  private readonly statements = new Map<string, { first: Page; next: Page }>();

  /** The rows of a table whose `seq` (or other mark) is above `from`, or all of them (`from` null), in pages; `em` must be a snapshot's. */
  async *pages(em: EntityManager, table: CopiedTable, from: number | null): AsyncGenerator<Row[]> {
    const order = orderOf(table, from);
    const { first, next } = this.statementsFor(table, from);
    let guess = FIRST_ROWS;
    for (let last: Row | undefined; ;) {
      const page = last ? next : first;
      const params = { ...(from !== null && { from }), ...(last && after(order, last)) };
      const rows = await page.rows.all(em, { ...params, limit: await rowsInPage(em, page, params, guess) });
      last = rows.at(-1);
      if (!last) return;
      yield rows;
      guess = Math.min(PAGE_ROWS, rows.length * 4);
    }
  }

  /** The short key of a graph that still exists. */
  async graphKey(em: EntityManager, userKey: number, id: Buffer): Promise<number | undefined> {
    return (await graphKey.one(em, { user_key: userKey, id }))?.key;
  }

  /** The versions that a graph has, and the titles. */
  async kept(
    em: EntityManager,
    userKey: number,
    graphKey: number,
  ): Promise<{ kept: number[]; texts: number[] }> {
    const place = { user_key: userKey, graph_key: graphKey };
    const numbers = (rows: Array<{ version: number }>) => rows.map(({ version }) => version);
    return {
      kept: numbers(await keptVersions.all(em, place)),
      texts: numbers(await keptTexts.all(em, place)),
    };
  }

  /** The next seals of the journal above a number. */
  seals(em: EntityManager, after: number, limit: number): Promise<Row[]> {
    return sealsAbove.all(em, { after, limit });
  }

  /** The migrations that made the database's schema, in order. */
  async schema(em: EntityManager): Promise<string[]> {
    return (await migrations.all(em)).map(({ name }) => name);
  }

  private statementsFor(table: CopiedTable, from: number | null): { first: Page; next: Page } {
    const name = `${table.table} ${from === null}`;
    let pages = this.statements.get(name);
    if (!pages) {
      pages = statementsOf(table, from);
      this.statements.set(name, pages);
    }
    return pages;
  }
}

// With everything to be read, the order of the primary key reads the table from its begin to its end.
function orderOf(table: CopiedTable, from: number | null): string[] {
  const mark = markOf(table);
  return from === null || table.key[0] === mark ? table.key : [mark, ...table.key];
}

function markOf({ mark }: CopiedTable): string {
  return mark ?? 'seq';
}

function statementsOf(table: CopiedTable, from: number | null): { first: Page; next: Page } {
  const order = orderOf(table, from);
  const past = `(${quoted(order)}) > (${order.map((column) => `:after_${column}`).join(', ')})`;
  const mark = markOf(table);
  const newer = from === null ? [] : [`"${mark}" > :from`];
  // Twice, so that the index on seq is used from the start of the page.
  const resumed = order[0] === mark ? [`"${mark}" >= :after_${mark}`, past] : [past];
  const select = (what: string, where: string[]) =>
    `SELECT ${what} FROM "${table.table}"${where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''} ORDER BY ${quoted(order)} LIMIT :limit`;
  const page = (where: string[]): Page => ({
    sizes:
      table.large === undefined
        ? undefined
        : new Statement(select(`octet_length("${table.large}") AS bytes`, where)),
    rows: new Statement(select(quoted(table.columns), where)),
  });
  return { first: page(newer), next: page([...newer, ...resumed]) };
}

function quoted(columns: readonly string[]): string {
  return columns.map((column) => `"${column}"`).join(', ');
}

function after(order: readonly string[], last: Row): SqlParams {
  return Object.fromEntries(order.map((column) => [`after_${column}`, ownMember(last, column) as number]));
}

async function rowsInPage(em: EntityManager, page: Page, params: SqlParams, guess: number): Promise<number> {
  if (!page.sizes) return PAGE_ROWS;
  const sizes = await page.sizes.all(em, { ...params, limit: guess });
  let bytes = 0;
  const fitting = sizes.findIndex((row) => (bytes += ROW_BYTES + row.bytes) > PAGE_BYTES);
  return fitting < 0 ? guess : Math.max(1, fitting);
}
