import type { SizedLink } from './chain';
import type { VersionInfoRow } from './version.entity';

/** A version as lists show it: its row, its title and its description. */
export interface ListedVersion extends VersionInfoRow {
  title: string;
  description: string | null;
}

/** A version's base, the size of its document, and when it was created (ms since the epoch). */
export interface DatedLink extends SizedLink {
  createdAt: number;
}

/** What policies see of a version, and its cost: bytes of its document and of its encrypted frame. */
export interface AgedVersion {
  version: number;
  /** Milliseconds since the epoch. */
  createdAt: number;
  labelled: boolean;
  pinned: boolean;
  configBytes: number;
  frameBytes: number;
}

/** A version's base, and the sizes of its document and its frame, bytes. */
export interface SizedFrame extends SizedLink {
  frameBytes: number;
}

/** Number of versions, bytes of their configs as they were sent, and bytes of their encrypted frames. */
export interface VersionExtent {
  versions: number;
  config_bytes: number;
  frame_bytes: number;
}

/** Keys of a graph: the owner's and the graph's. */
export interface GraphPlace {
  user_key: number;
  graph_key: number;
}
