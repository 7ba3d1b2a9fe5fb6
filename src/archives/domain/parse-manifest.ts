import { GRAPH_STATUSES, type GraphStatus } from '../../graphs/domain/graph-status';
import { parseInstant } from '../../platform/clock/instant';
import { POLICY_FIELDS, isAllowed, type PolicyPart } from '../../platform/config/policy-limits';
import { isUuid } from '../../platform/ids/uuid';
import { hasVisible } from '../../platform/text/visible';
import { ImportFault } from './import-fault';
import { ARCHIVE_FORMAT, ARCHIVE_FORMAT_VERSION } from './manifest';

/** A graph that an archive's manifest names. */
export interface ArchivedGraph {
  title: string;
  folder: string;
}

/** What a `manifest.json` says, checked. */
export interface ArchivedManifest {
  graphs: ArchivedGraph[];
  policy: PolicyPart | null;
}

/** What a `graph.json` says, checked. Times are ms since 1970 UTC. */
export interface ArchivedHistory {
  id: string;
  title: string;
  createdAt: number;
  /** When it was moved to the trash; null if it was not in it. */
  deletedAt: number | null;
  policy: PolicyPart | null;
  /** Oldest first. */
  versions: ArchivedVersion[];
}

/** One version of an archive, checked. */
export interface ArchivedVersion {
  deleted: boolean;
  title: string;
  description: string | null;
  status: GraphStatus;
  createdAt: number;
  label: string | null;
  pinned: boolean;
  sha256: string;
  file: string;
}

const TITLE_MAX = 200;
const DESCRIPTION_MAX = 10_000;
const LABEL_MAX = 100;
/** The names of files that an export writes: no path leads out of the graph's folder. */
const VERSION_FILE = /^v\d{6,9}\.json$/;
const FOLDER = /^graphs\/[a-z0-9-]{1,120}$/;

type Members = Readonly<Record<string, unknown>>;

/** Whether a parsed `manifest.json` is one of ours. */
export function isArchiveManifest(value: unknown): value is Members {
  return isObject(value) && value['format'] === ARCHIVE_FORMAT;
}

/** The graphs and the account's policy of a manifest. Throws ImportFault where it is not as an export writes it. */
export function parseManifest(value: Members): ArchivedManifest {
  const version = value['format_version'];
  if (version !== ARCHIVE_FORMAT_VERSION)
    throw new ImportFault(
      `The archive has layout ${String(version)}, and this release reads layout ${ARCHIVE_FORMAT_VERSION}. Import it with a newer release.`,
    );
  const graphs = listOf(value['graphs'], 'graphs').map((graph) => ({
    title: visible(graph['title'], 'title', TITLE_MAX),
    folder: matching(graph['folder'], 'folder', FOLDER),
  }));
  if (new Set(graphs.map(({ folder }) => folder)).size < graphs.length) throw fault('folder');
  return { graphs, policy: policyOf(value['policy']) };
}

/** A graph's `graph.json`. Throws ImportFault where it is not as an export writes it. */
export function parseHistory(value: unknown): ArchivedHistory {
  if (!isObject(value)) throw new ImportFault('graph.json is not a JSON object.');
  const versions = listOf(value['versions'], 'versions').map(parseVersion);
  if (versions.length === 0) throw new ImportFault('graph.json lists no versions.');
  return {
    id: idOf(value['id']),
    title: visible(value['title'], 'title', TITLE_MAX),
    createdAt: time(value['created_at'], 'created_at'),
    deletedAt: value['deleted_at'] === null ? null : time(value['deleted_at'], 'deleted_at'),
    policy: policyOf(value['policy']),
    versions,
  };
}

function parseVersion(value: Members): ArchivedVersion {
  const { description, label, status } = value;
  const known = GRAPH_STATUSES.find((name) => name === status);
  if (!known) throw fault('status');
  return {
    deleted: value['change'] === 'deleted',
    title: visible(value['title'], 'title', TITLE_MAX),
    description: description === null ? null : text(description, 'description', DESCRIPTION_MAX, 0),
    status: known,
    createdAt: time(value['created_at'], 'created_at'),
    label: label === null ? null : visible(label, 'label', LABEL_MAX),
    pinned: value['pinned'] === true,
    sha256: matching(value['config_sha256'], 'config_sha256', /^[0-9a-f]{64}$/),
    file: matching(value['file'], 'file', VERSION_FILE),
  };
}

function policyOf(value: unknown): PolicyPart | null {
  if (value === null || value === undefined) return null;
  if (!isObject(value)) throw fault('policy');
  for (const [name, limit] of Object.entries(value)) {
    const field = POLICY_FIELDS.find((known) => known === name);
    if (!field || !isAllowed(field, limit)) throw fault('policy');
  }
  return value;
}

function listOf(value: unknown, name: string): Members[] {
  if (!Array.isArray(value) || !value.every(isObject)) throw fault(name);
  return value;
}

function text(value: unknown, name: string, most: number, least = 1): string {
  if (typeof value !== 'string' || value.includes('\0') || !value.isWellFormed()) throw fault(name);
  const length = [...value.slice(0, 2 * most + 1)].length;
  if (length < least || length > most) throw fault(name);
  return value;
}

/** Text by which people tell things apart, as the API demands it. */
function visible(value: unknown, name: string, most: number): string {
  const checked = text(value, name, most);
  if (!hasVisible(checked)) throw fault(name);
  return checked;
}

function matching(value: unknown, name: string, pattern: RegExp): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw fault(name);
  return value;
}

function time(value: unknown, name: string): number {
  const ms = typeof value === 'string' ? parseInstant(value) : null;
  if (ms === null) throw fault(name);
  return ms;
}

function idOf(value: unknown): string {
  if (typeof value !== 'string' || !isUuid(value)) throw fault('id');
  return value;
}

function fault(name: string): ImportFault {
  return new ImportFault(`The manifest's "${name}" is missing or not as an export writes it.`);
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
