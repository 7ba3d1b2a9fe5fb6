import { table } from '../figures';
import { type FloorKind } from '../floor/child';
import { type Options, profiling } from '../options';
import { HEADINGS, type Row, compare } from './compare';
import { startFloorContender, startServiceContender } from './contenders';

const KB = 1000;
const PUT = { method: 'PUT' } as const;
const GET = { method: 'GET' } as const;
const SMALL = { configBytes: 10 * KB, connections: 64 };
const MIDDLE = { configBytes: 100 * KB, connections: 16 };
const ROWS: readonly (Row & { floor: FloorKind })[] = [
  { name: 'PUT 10 KB', ...PUT, ...SMALL, target: 0.5, floor: 'json' },
  { name: 'PUT 10 KB, floor keeps bytes', ...PUT, ...SMALL, target: 0.5, floor: 'bytes' },
  { name: 'PUT 100 KB', ...PUT, ...MIDDLE, target: 0.4, floor: 'json' },
  { name: 'PUT 100 KB, floor keeps bytes', ...PUT, ...MIDDLE, target: 0.4, floor: 'bytes' },
  { name: 'GET 10 KB', ...GET, ...SMALL, target: 0.55, floor: 'bytes' },
  { name: 'GET 100 KB', ...GET, ...MIDDLE, target: 0.7, floor: 'bytes' },
];

/** The service and the floors in turns, so that noise of the machine affects both. */
export async function benchHttp(options: Options): Promise<void> {
  const { rounds, seconds, row: only } = options;
  const floors = { json: await startFloorContender('json'), bytes: await startFloorContender('bytes') };
  const service = await startServiceContender(profiling(options));
  const lines: string[][] = [['http', ...HEADINGS]];
  try {
    for (const row of ROWS.filter(({ name }) => name.includes(only ?? ''))) {
      lines.push(await compare(row, [floors[row.floor], service], rounds, seconds * 1000));
      console.log(lines.at(-1)?.join('  '));
    }
  } finally {
    for (const contender of [floors.json, floors.bytes, service]) await contender.stop();
  }
  console.log(`\n${table(lines)}\n(medians of ${rounds} rounds of ${seconds} s each, by turns)`);
}
