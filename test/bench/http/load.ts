import { readFileSync } from 'node:fs';
import { quantile } from '../figures';
import { type Connection } from './connection';

const TICK_MICROSECONDS = 10_000;

/** One connection's work: requests that are sent in turn, over and over. */
export interface Lane {
  connection: Connection;
  requests: readonly Buffer[];
  /** The next request to send; goes on over rounds, so that a config is never sent onto itself. */
  next: number;
}

/** What a round measured. Times in ms. */
export interface RoundFigures {
  /** CPU time of the contender's processes for each request, µs; NaN where the system does not say. */
  cpu: number;
  perSecond: number;
  p50: number;
  p99: number;
}

/** Keeps every lane busy for `ms` milliseconds; `pids`: the processes that answer. Throws when an answer is not 200. */
export async function round(
  lanes: readonly Lane[],
  ms: number,
  pids: readonly number[] = [],
): Promise<RoundFigures> {
  const times: number[] = [];
  const before = cpuMicroseconds(pids);
  const start = performance.now();
  const end = start + ms;
  await Promise.all(lanes.map((lane) => drive(lane, end, times)));
  const seconds = (performance.now() - start) / 1000;
  const cpu = (cpuMicroseconds(pids) - before) / times.length;
  return { cpu, perSecond: times.length / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** User and system time of the processes so far, in ticks of 10 ms (proc_pid_stat(5)). */
function cpuMicroseconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    try {
      const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ');
      const [user, system] = fields.split(' ').slice(11, 13).map(Number);
      return (user ?? NaN) + (system ?? NaN);
    } catch {
      return NaN;
    }
  });
  return ticks.reduce((sum, each) => sum + each, 0) * TICK_MICROSECONDS;
}

async function drive(lane: Lane, end: number, times: number[]): Promise<void> {
  for (let now = performance.now(); now < end;) {
    const request = lane.requests[lane.next % lane.requests.length] as Buffer;
    lane.next += 1;
    const { status } = await lane.connection.send(request);
    if (status !== 200) throw new Error(`A request of the bench was answered with ${status}.`);
    const answered = performance.now();
    times.push(answered - now);
    now = answered;
  }
}
