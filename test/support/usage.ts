import { JobRunner } from '../../src/platform/jobs/job-runner';
import type { TestApp } from './app';
import type { TestPlace } from './database';
import { rawSql } from './raw-database';

type Rows = Array<Record<string, number>>;

const numbers = (rows: Array<Record<string, unknown>>): Rows =>
  rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])));

/** What the kept counters say of each user who stores something. */
export async function keptUsage(place: TestPlace): Promise<Rows> {
  return numbers(
    await rawSql(
      place,
      `SELECT user_key, SUM(graphs) AS graphs, SUM(versions) AS versions, SUM(config_bytes) AS config_bytes,
       SUM(head_bytes) AS head_bytes, SUM(frame_bytes) AS frame_bytes FROM user_usage GROUP BY user_key
       HAVING SUM(graphs) <> 0 OR SUM(versions) <> 0 OR SUM(head_bytes) <> 0 OR SUM(config_bytes) <> 0 ORDER BY user_key`,
    ),
  );
}

/** The same by counting the rows themselves, in words of this file's own. */
export async function countedUsage(place: TestPlace): Promise<Rows> {
  const [graphs, versions] = await Promise.all([
    rawSql(place, 'SELECT user_key, head FROM graphs'),
    rawSql(place, 'SELECT user_key, config_bytes, frame FROM versions'),
  ]);
  const users = [...new Set([...graphs, ...versions].map((row) => Number(row['user_key'])))];
  return users
    .sort((a, b) => a - b)
    .map((user_key) => {
      const its = (row: Record<string, unknown>) => Number(row['user_key']) === user_key;
      const length = (column: string) => (sum: number, row: Record<string, unknown>) =>
        sum + (row[column] as Buffer).length;
      const head_bytes = graphs.filter(its).reduce(length('head'), 0);
      const frame_bytes = versions.filter(its).reduce(length('frame'), 0);
      return {
        user_key,
        graphs: graphs.filter(its).length,
        versions: versions.filter(its).length,
        config_bytes: versions.filter(its).reduce((sum, row) => sum + Number(row['config_bytes']), 0),
        head_bytes,
        frame_bytes,
      };
    });
}

/** Runs a job now, to its end. */
export async function runJob(app: TestApp, id: string): Promise<string> {
  const { ended } = await app.service.app.get(JobRunner).trigger(id);
  return (await ended).status;
}
