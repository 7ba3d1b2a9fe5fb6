import type { ChainState } from './chain';
import type { GraphPlace } from './version-views';

/** Identifies a graph: short keys for the database, public ids for the encryption. */
export interface GraphRef {
  userKey: number;
  userId: string;
  graphKey: number;
  graphId: string;
}

/** What a graph's row stores about its newest version. */
export interface Head {
  version: number;
  configBytes: number;
  configSha256: Buffer;
  chain: ChainState;
  /** A compressed and encrypted copy of the config; empty if reading the chain costs no more. */
  sealed: Buffer;
}

/** A version that is encoded and encrypted, ready to be written. */
export interface PreparedVersion {
  base: number | null;
  frame: Buffer;
  head: Head;
  /** The document, for the response; null if it is damaged and was not read. */
  config: Buffer | null;
}

/** A document with its hash. */
export interface Config {
  bytes: Buffer;
  sha256: Buffer;
}

/** The keys of a graph's rows. */
export function placeOf(ref: GraphRef): GraphPlace {
  return { user_key: ref.userKey, graph_key: ref.graphKey };
}

/** Number of the first version of a graph. */
export const FIRST_VERSION = 1;
