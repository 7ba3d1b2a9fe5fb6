import { startOwnPostgres } from '../../support/own-postgres';
import { table } from '../figures';
import { HEADINGS, type Row, compare } from '../http/compare';
import { type Options, profiling } from '../options';
import { startPostgresFloorContender, startPostgresService } from './contenders';

const KB = 1000;
const ROWS: readonly Row[] = [
  { name: 'PUT 10 KB', method: 'PUT', configBytes: 10 * KB, connections: 64, target: 0.5 },
  { name: 'PUT 100 KB', method: 'PUT', configBytes: 100 * KB, connections: 16, target: 0.5 },
  { name: 'GET 10 KB', method: 'GET', configBytes: 10 * KB, connections: 64, target: 0.5 },
];
const REPLICAS = 3;
const REPLICA_ROWS: readonly Row[] = [
  { name: '1 and 3 replicas, PUT 10 KB', method: 'PUT', configBytes: 10 * KB, connections: 48, target: 1 },
  { name: '1 and 3 replicas, GET 10 KB', method: 'GET', configBytes: 10 * KB, connections: 48, target: 1 },
];

/** The service on PostgreSQL compared with its floor on the same server, and three replicas compared with one. */
export async function benchPostgres(options: Options): Promise<void> {
  const server = await startOwnPostgres();
  const lines: string[][] = [['postgres', ...HEADINGS]];
  try {
    await besideFloor(server.url, options, lines);
    await besideOneReplica(server.url, options, lines);
  } finally {
    await server.remove();
  }
  console.log(`\n${table(lines)}`);
  console.log(`(medians of ${options.rounds} rounds of ${options.seconds} s each, by turns;`);
  console.log(' in the last rows, the floor is one replica and the service is three)');
}

async function besideFloor(server: string, options: Options, lines: string[][]): Promise<void> {
  const rows = wanted(ROWS, options);
  if (rows.length === 0) return;
  const floor = await startPostgresFloorContender(server);
  const service = await startPostgresService(server, 1, profiling(options));
  try {
    for (const row of rows) {
      const sizes = await service.sizesOf(row.configBytes);
      floor.resize(sizes);
      console.log(`${row.name}: rows with a head of ${sizes.head} and a frame of ${sizes.frame} bytes`);
      lines.push(await compare(row, [floor, service], options.rounds, options.seconds * 1000));
      console.log(lines.at(-1)?.join('  '));
    }
  } finally {
    await floor.stop();
    await service.stop();
  }
}

async function besideOneReplica(server: string, options: Options, lines: string[][]): Promise<void> {
  const rows = wanted(REPLICA_ROWS, options);
  if (rows.length === 0) return;
  const one = await startPostgresService(server, 1);
  const three = await startPostgresService(server, REPLICAS);
  try {
    for (const row of rows) {
      lines.push(await compare(row, [one, three], options.rounds, options.seconds * 1000));
      console.log(lines.at(-1)?.join('  '));
    }
  } finally {
    await one.stop();
    await three.stop();
  }
}

function wanted(rows: readonly Row[], { row: only }: Options): Row[] {
  return rows.filter(({ name }) => name.includes(only ?? ''));
}
