import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Options {
  /** Benches to run; empty means all. */
  only: string[];
  /** Histories of the corpus to take; empty means all. */
  histories: string[];
  /** The corpus's folder. */
  corpus: string;
  /** Turns of floor and service, and how long each lasts. */
  rounds: number;
  seconds: number;
  /** Folder for CPU profiles of the service (`node --cpu-prof`); none are written without it. */
  profile: string | undefined;
  /** Rows of the http, neighbours and year bench to take, by a part of their name; undefined means all. */
  row: string | undefined;
  /** The database of the neighbours and year bench. */
  database: 'sqlite' | 'postgres';
  /** Part of the rows that the year bench makes; 1 is 2,000,000 versions. */
  scale: number;
  /** Requests of the fuzz bench, and the seed that makes the same ones again. */
  requests: number;
  seed: number;
}

/** Reads the command line. Throws with a sentence for an option that is none. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      history: { type: 'string' },
      corpus: { type: 'string', default: '../shared/corpus' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
      profile: { type: 'string' },
      row: { type: 'string' },
      database: { type: 'string', default: 'sqlite' },
      scale: { type: 'string', default: '0.1' },
      requests: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
    },
  });
  return {
    only: list(values.only),
    histories: list(values.history),
    corpus: values.corpus,
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    profile: values.profile,
    row: values.row,
    database: databaseOf(values.database),
    scale: positive('scale', values.scale),
    requests: positive('requests', values.requests),
    seed: positive('seed', values.seed),
  };
}

function databaseOf(text: string): Options['database'] {
  if (text === 'sqlite' || text === 'postgres') return text;
  throw new Error('--database must be sqlite or postgres.');
}

function list(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(',').filter((name) => name !== '');
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0.`);
  return value;
}

/** Node's options that write a CPU profile of the service into the folder that was asked for. */
export function profiling({ profile }: Options): string[] {
  return profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
}
