import { createHash } from 'node:crypto';
import { AppError } from '../platform/errors/app-error';
import { OutboundError } from '../platform/outbound/outbound-error';
import type { ListedGraph, RemoteGraph } from './connectors/connector';
import { ConnectorError, ItemError, RemoteGoneError } from './connectors/connector-errors';
import { titleOf } from './domain/remote-title';
import type { SourceItemRow } from './domain/source-item.entity';
import type { SourceRow } from './domain/source.entity';

/** Characters of a tool's own id. */
export const REMOTE_ID_MAX = 500;

/** What a pass notes of a graph that it has found. */
export const FOUND = { missed: 0, gone_since: null, failure: null } as const;

/** The fingerprint of an item whose first import is not finished. It equals no fingerprint of a document. */
export const IMPORTING = Buffer.alloc(0);

export function isImporting({ fingerprint }: SourceItemRow): boolean {
  return fingerprint?.length === 0;
}

/** Changes with every setting that decides what a tool lists. */
export function settingsKey({ url, options }: Pick<SourceRow, 'url' | 'options'>): string {
  return createHash('sha256').update(`${url}\n${options}`).digest('base64url').slice(0, 8);
}

/** The signal of another server, or of another reading of it, says nothing: it is bound to the settings. */
export function withSettings(listed: ListedGraph, settings: string): ListedGraph {
  return listed.signal === null ? listed : { ...listed, signal: `${settings} ${listed.signal}` };
}

/** A graph that was missed may be another one with the same sign: it is read. */
export function isUnchanged(row: SourceItemRow, { signal }: ListedGraph): boolean {
  const isKnown = row.fingerprint !== null && row.trashed_at === null && row.missed === 0;
  return isKnown && signal !== null && row.signal === signal;
}

export function isSameState(row: SourceItemRow, fingerprint: Buffer, title: string): boolean {
  return (
    row.fingerprint !== null &&
    row.fingerprint.equals(fingerprint) &&
    row.title === title &&
    row.trashed_at === null
  );
}

export function idFault(remoteId: string): string | undefined {
  if (remoteId.length === 0 || remoteId.length > REMOTE_ID_MAX)
    return `Its id must have 1 to ${REMOTE_ID_MAX} characters.`;
  return remoteId.includes('\0') || !remoteId.isWellFormed() ? 'Its id is not well-formed text.' : undefined;
}

/** A text that differs for different ids, however long they are: a pass remembers all ids. */
export function shortened(remoteId: string): string {
  return createHash('sha256').update(remoteId).digest('base64url');
}

export function requireSize(config: RemoteGraph['config'], max: number): void {
  if (config.length > max)
    throw new ItemError(
      `The document has ${config.length} bytes; at most ${max} are allowed (MAX_BODY_BYTES).`,
    );
}

/** The reason if only this graph failed; undefined if the pass cannot go on. */
export function itemFailure(error: unknown): string | undefined {
  if (error instanceof ItemError || error instanceof RemoteGoneError) return error.message;
  if (error instanceof ConnectorError || error instanceof OutboundError) return undefined;
  const isOfItem = error instanceof AppError && !['unavailable', 'internal'].includes(error.kind);
  return isOfItem ? error.message : undefined;
}

/** How a promise ends; never rejects. */
export async function settled<T>(work: Promise<T>): Promise<PromiseSettledResult<T>> {
  return (await Promise.allSettled([work]))[0];
}

/** The row of a graph that was not known. */
export function newItemOf(
  { user_key, key, seq }: SourceRow,
  { remoteId, title }: ListedGraph,
): SourceItemRow {
  return {
    user_key,
    source_key: key,
    remote_id: remoteId,
    seq,
    graph_id: null,
    title: titleOf(title, remoteId),
    fingerprint: null,
    config_sha256: null,
    stored_at: null,
    signal: null,
    remote_changed_at: null,
    trashed_at: null,
    secrets: null,
    ...FOUND,
  };
}
