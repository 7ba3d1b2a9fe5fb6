import { table } from '../figures';
import { type Options, profiling } from '../options';
import { HEADINGS, type Row, compare } from './compare';
import { startFloorContender, startServiceContender } from './contenders';

const KB = 1000;
const ROWS: readonly Row[] = [
  { name: 'PUT 10 KB', method: 'PUT', configBytes: 10 * KB, connections: 64, target: 0.5 },
  { name: 'PUT 100 KB', method: 'PUT', configBytes: 100 * KB, connections: 16, target: 0.4 },
  { name: 'GET 10 KB', method: 'GET', configBytes: 10 * KB, connections: 64, target: 0.7 },
  { name: 'GET 100 KB', method: 'GET', configBytes: 100 * KB, connections: 16, target: 0.7 },
];
/** The service beside the floor, in turns, so that noise of the machine meets both. */
export async function benchHttp(options: Options): Promise<void> {
  const { rounds, seconds, row: only } = options;
  const contenders = [await startFloorContender(), await startServiceContender(profiling(options))];
  const lines: string[][] = [['http', ...HEADINGS]];
  try {
    for (const row of ROWS.filter(({ name }) => name.includes(only ?? ''))) {
      lines.push(await compare(row, contenders, rounds, seconds * 1000));
      console.log(lines.at(-1)?.join('  '));
    }
  } finally {
    for (const contender of contenders) await contender.stop();
  }
  console.log(`\n${table(lines)}\n(medians of ${rounds} rounds of ${seconds} s each, by turns)`);
}
