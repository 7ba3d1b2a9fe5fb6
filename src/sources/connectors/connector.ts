import type { GraphStatus } from '../../graphs/domain/graph-status';
import type { OutboundSession } from '../../platform/outbound/outbound-session';
import type { FieldRules, Fields } from '../domain/fields';
import type { SourceKind } from '../domain/source-kind';

/**
 * What the service needs to know of a kind of tool. A connector is a Nest provider without state; everything about one
 * tool is in the session that `connect` returns. CONTRIBUTING.md ("Example: add a source") shows how to write one, and
 * `test/contracts/connector.spec.ts` runs the same suite on all of them.
 */
export interface Connector {
  readonly kind: SourceKind;
  /** The options of this kind, in addition to `COMMON_OPTIONS`. */
  readonly options: FieldRules;
  /** The credentials of this kind. */
  readonly credentials: FieldRules;
  /** Whether `url` is the path of a folder on this machine instead of an address. */
  readonly isLocal?: boolean;
  /** What is wrong with fields that depend on each other; messages complete "NAME …". */
  faults?(options: Fields, credentials: Fields): Array<{ field: string; message: string }>;
  /** Opens the connection: signs in if needed, and finds out the version of the tool. Throws ConnectorError. */
  connect(connection: Connection): Promise<ConnectorSession>;
  /**
   * SHA-256 of what matters of a document: two documents with equal fingerprints are the same state, and make one
   * version. Leave out what the tool changes by itself (`cutMembers`). Pure.
   */
  fingerprint(config: Buffer): Buffer;
  /**
   * As `fingerprint`, without what a push leaves as it is at the tool, such as the folder: whether a version has arrived
   * there. Missing: a push writes all. Pure.
   */
  pushedFingerprint?(config: Buffer): Buffer;
}

/** A connection that is to be opened. */
export interface Connection {
  /** The address that the user entered, in its normal form; for local connectors a path. */
  readonly url: string;
  /** The options of the source, with defaults. */
  readonly options: Fields;
  readonly credentials: Fields;
  /** The only way to the tool. The caller closes it. */
  readonly http: OutboundSession;
  readonly signal: AbortSignal;
  readonly limits: Limits;
  /** Checks bytes as strict JSON; large ones in a worker thread. Rejects with a JsonScanError. */
  scan(bytes: Buffer): Promise<void>;
}

/** What is accepted from a tool. */
export interface Limits {
  /** Bytes of one document. */
  documentBytes: number;
  /** Bytes of one answer. */
  answerBytes: number;
  /** Folders that may be read. */
  folders: readonly string[];
}

/** Earlier states that the first import takes over for each graph, the newest. */
export const HISTORY_MAX = 200;
/** Pages of a tool's list of them that are asked for: one that repeats itself would never end. */
export const HISTORY_PAGES_MAX = 201;

/** An open connection to a tool. Every failure is a ConnectorError or an OutboundError. */
export interface ConnectorSession {
  /** Null if the tool does not say it. */
  readonly toolVersion: string | null;
  /** What the user should know although the connection works: missing rights, an unusual version. */
  readonly problems: readonly string[];
  /**
   * All graphs of the tool, in pages. A page is processed before the next one is requested, so memory does not grow
   * with the tool. An id that comes twice is ignored the second time.
   */
  list(): AsyncIterable<readonly ListedGraph[]>;
  /** Reads one graph. Throws RemoteGoneError if it does not exist any more. */
  read(item: Pick<ListedGraph, 'remoteId'>): Promise<RemoteGraph>;
  /** The newest `HISTORY_MAX` earlier states of a graph, oldest first, without the present one; for the first import. */
  history?(item: ListedGraph): AsyncIterable<PastGraph>;
  /** Says what a push would do and what it would lose; changes nothing. Missing: this kind cannot push. */
  planPush?(push: Push): Promise<PushPlan>;
  /**
   * Writes a document to the tool. Throws PushConflictError if the tool has another state than `push.present`, and
   * PushRefusedError with the tool's own reason. The caller reads the graph back afterwards, whatever the answer was.
   */
  push?(push: Push): Promise<PushResult>;
}

/** A graph in the tool's list. */
export interface ListedGraph {
  /** The tool's own id, 1 to 500 characters; stays the same when the graph is renamed. */
  remoteId: string;
  title: string;
  /**
   * A cheap sign of a change, such as a version number or a time of the last change: as long as it is the same, the
   * graph is not read again. Null: always read. Must change with everything that `fingerprint` looks at.
   */
  signal: string | null;
  /** The graph itself if the list contains it whole. */
  graph?: RemoteGraph;
}

/** A graph as it is at the tool. */
export interface RemoteGraph {
  title: string;
  /** The exact bytes of a JSON object or array, cut out of the tool's answer; without the tool's counters. */
  config: Buffer;
  description?: string | null;
  status?: GraphStatus;
  /** When it was changed at the tool, ms since the epoch; null if the tool does not say it. */
  changedAt: number | null;
  /** What the tool compares before a write (a revision, a version); null without one. */
  revision: string | null;
}

/** An earlier state of a graph. */
export interface PastGraph extends RemoteGraph {
  /** Its time, ms since the epoch. */
  changedAt: number;
}

/** A version that is to be written to the tool. */
export interface Push {
  /** Null if the graph does not exist there (any more): it has to be created. */
  remoteId: string | null;
  /** The id under which it was known at the tool, where it does not exist any more too. */
  formerId: string;
  title: string;
  /** The exact bytes of the version. */
  config: Buffer;
  /** The graph as it is at the tool, just read; null if it does not exist. */
  present: RemoteGraph | null;
  /** Whether a tool with drafts shall run the pushed state at once; undefined: as the tool does by itself. */
  publish?: boolean | undefined;
}

/** Why a push needs a look before it is done. `code` is stable, `message` a sentence. */
export interface PushWarning {
  code: string;
  message: string;
}

/** What a push would do. */
export interface PushPlan {
  action: 'update' | 'create';
  warnings: readonly PushWarning[];
}

/** What a push did. */
export interface PushResult {
  /** The id of the graph: a new one if it had to be created. */
  remoteId: string;
  /** What happened otherwise than planned, such as fields that the tool refused. */
  warnings?: readonly PushWarning[];
}
