import { quantile } from '../figures';
import { type Connection } from './connection';

/** One connection's work: requests that are sent in turn, over and over. */
export interface Lane {
  connection: Connection;
  requests: readonly Buffer[];
  /** The next request to send; goes on over rounds, so that a config is never sent onto itself. */
  next: number;
}

/** What a round measured. Times in ms. */
export interface RoundFigures {
  perSecond: number;
  p50: number;
  p99: number;
}

/** Keeps every lane busy for `ms` milliseconds. Throws when an answer is not 200. */
export async function round(lanes: readonly Lane[], ms: number): Promise<RoundFigures> {
  const times: number[] = [];
  const start = performance.now();
  const end = start + ms;
  await Promise.all(lanes.map((lane) => drive(lane, end, times)));
  const seconds = (performance.now() - start) / 1000;
  return { perSecond: times.length / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
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
