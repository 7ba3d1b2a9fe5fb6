import { join } from 'node:path';
import Database from 'better-sqlite3';
import { graphBody } from '../../../scripts/http-session';
import { Times, table } from '../figures';
import { withFolder } from '../folder';
import { series } from '../http/documents';
import { ProbedService } from './probed-service';

const CONFIG_BYTES = 1_000_000;
const FEW = 100;
const MANY = 10_000;
const ROUNDS = 200;

interface Made {
  id: string;
  versions: number;
}

/**
 * Lists of the versions of two graphs of 1 MB, one with 100 and one with 10,000. The first hundred of each are
 * written over HTTP; the others are copies of these rows, put into the database while the service is stopped: a list
 * reads no frame, so it cannot tell.
 */
export async function benchList(): Promise<void> {
  await withFolder(async (folder) => {
    const writer = await ProbedService.start(folder);
    const few = await history(writer);
    const many = await history(writer);
    await writer.stop();
    multiply(join(folder, 'bench.db'), many.id);
    const reader = await ProbedService.start(folder);
    try {
      await measure(reader, few, { ...many, versions: MANY });
    } finally {
      await reader.stop();
    }
  });
}

async function history(service: ProbedService): Promise<Made> {
  const [first, ...others] = series(CONFIG_BYTES, FEW, 1) as [Buffer, ...Buffer[]];
  const made = await service.send('POST', '/api/v1/graphs', graphBody('Bench', first), [201]);
  const id = /"id":"([^"]+)"/.exec(made.toString('utf8', 0, 200))?.[1] as string;
  for (const config of others) await service.send('PUT', `/api/v1/graphs/${id}`, graphBody('Bench', config));
  return { id, versions: FEW };
}

function multiply(file: string, id: string): void {
  const database = new Database(file);
  const graph = database
    .prepare('SELECT user_key, key FROM graphs WHERE hex(id) = upper(?)')
    .get(id.replaceAll('-', '')) as { user_key: number; key: number };
  const columns = (database.pragma('table_info(versions)') as { name: string }[]).map(({ name }) => name);
  const shifted = columns.map((name) => (name === 'version' ? 'version + ?' : name)).join(', ');
  const copy = database.prepare(
    `INSERT INTO versions (${columns.join(', ')}) SELECT ${shifted} FROM versions WHERE user_key = ? AND graph_key = ? AND version <= ?`,
  );
  database.transaction(() => {
    for (let shift = FEW; shift < MANY; shift += FEW) copy.run(shift, graph.user_key, graph.key, FEW);
    database.prepare('UPDATE graphs SET version = ? WHERE key = ?').run(MANY, graph.key);
  })();
  database.close();
}

async function measure(service: ProbedService, few: Made, many: Made): Promise<void> {
  const queries = { newest: '?limit=100', oldest: '?limit=100&skip=', one: '?limit=1' };
  const lines = [
    ['list of versions, ms (median / p99)', `${few.versions} versions`, `${many.versions} versions`],
  ];
  for (const [name, query] of Object.entries(queries)) {
    const times = [new Times(), new Times()] as const;
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      for (const [at, { id, versions }] of [few, many].entries()) {
        const path = `/api/v1/graphs/${id}/versions${query}${name === 'oldest' ? versions - FEW : ''}`;
        await times[at as 0 | 1].takeAsync(() => service.send('GET', path));
      }
    }
    lines.push([name, ...times.map((each) => each.summary())]);
  }
  console.log(table(lines));
}
