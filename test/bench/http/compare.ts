import { graphBody } from '../../../scripts/http-session';
import { against, median } from '../figures';
import { Connection, requestBytes } from './connection';
import { type Contender } from './contenders';
import { series } from './documents';
import { type Lane, type RoundFigures, round } from './load';

/** A kind of request under load, and what is wanted of it. */
export interface Row {
  name: string;
  method: 'PUT' | 'GET';
  configBytes: number;
  connections: number;
  /** Requests a second of the service as part of the floor's, at least. */
  target: number;
}

/** What the cells after a row's name are. */
export const HEADINGS = [
  'conn.',
  'floor /s',
  'CPU µs',
  'p50 ms',
  'p99 ms',
  'service /s',
  'CPU µs',
  'p50 ms',
  'p99 ms',
  'CPU floor ÷ service',
  'service ÷ floor',
];
/** Edits that a connection sends there and back again, so that each differs from the one before by one edit. */
const EDITS = 16;
/** For each process behind a contender. */
const WARM_UP_MS = 3_000;

/** Both contenders under one load, by turns; the row's cells. */
export async function compare(
  row: Row,
  contenders: readonly Contender[],
  rounds: number,
  ms: number,
): Promise<string[]> {
  const lanes = await Promise.all(contenders.map((contender) => lanesOf(row, contender)));
  const figures: RoundFigures[][] = contenders.map(() => []);
  try {
    const pidsOf = (at: number) => contenders[at]?.pids ?? [];
    for (const [at, each] of lanes.entries()) await round(each, WARM_UP_MS * pidsOf(at).length, pidsOf(at));
    for (let turn = 0; turn < rounds; turn += 1) {
      for (const [at, each] of lanes.entries()) figures[at]?.push(await round(each, ms, pidsOf(at)));
    }
  } finally {
    for (const { connection } of lanes.flat()) connection.close();
  }
  const ratio = (of: (floor: RoundFigures, service: RoundFigures) => number) =>
    median((figures[1] ?? []).map((service, at) => of(figures[0]?.[at] as RoundFigures, service)));
  const rates = ratio((floor, service) => service.perSecond / floor.perSecond);
  const cpu = ratio((floor, service) => floor.cpu / service.cpu);
  const cells = [...figures.flatMap((each) => summary(each)), cpu.toFixed(2)];
  return [row.name, String(row.connections), ...cells, against(rates, '≥', row.target)];
}

function summary(figures: RoundFigures[]): string[] {
  const middle = (name: keyof RoundFigures) => median(figures.map((figure) => figure[name]));
  return [
    middle('perSecond').toFixed(0),
    middle('cpu').toFixed(0),
    middle('p50').toFixed(1),
    middle('p99').toFixed(1),
  ];
}

/** A graph for each connection, which no other one writes. */
async function lanesOf(row: Row, contender: Contender): Promise<Lane[]> {
  const lanes: Lane[] = [];
  for (let seed = 1; seed <= row.connections; seed += 1) {
    const there = series(row.configBytes, EDITS, seed);
    const path = await contender.create(there[0] as Buffer);
    const configs = [...there.slice(1), ...there.slice(0, -1).reverse()];
    const requests =
      row.method === 'GET'
        ? [requestBytes('GET', path, contender.token)]
        : configs.map((config) => requestBytes('PUT', path, contender.token, graphBody('Bench', config)));
    lanes.push({
      connection: await Connection.open(contender.urls[seed % contender.urls.length] as string),
      requests,
      next: 0,
    });
  }
  return lanes;
}
