import { Statement } from '../../src/platform/database/statement';

/** A statement that was run. */
export interface SeenStatement {
  sql: string;
  /** Rows that it returned or changed. */
  rows: number;
}

interface Executed {
  records: unknown[];
  affected?: number;
}

/** Collects every statement that runs from now on, until `jest.restoreAllMocks()`. */
export function collectStatements(): SeenStatement[] {
  const seen: SeenStatement[] = [];
  const prototype = Statement.prototype as unknown as { execute: (...args: unknown[]) => Promise<Executed> };
  const original = prototype.execute;
  jest.spyOn(prototype, 'execute').mockImplementation(async function (this: { sql: string }, ...args) {
    const result = await original.apply(this, args);
    const rows = Math.max(Array.isArray(result.records) ? result.records.length : 0, result.affected ?? 0);
    seen.push({ sql: this.sql, rows });
    return result;
  });
  return seen;
}
