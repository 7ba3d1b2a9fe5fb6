import type { UnitOfWork } from '../../platform/database/unit-of-work';
import type { UserKeyRow } from '../../platform/crypto/user-key.entity';
import type { ObjectStore } from '../../platform/objects/object-store';
import type { Block, RowBlock } from './domain/row-block';
import type { RebuildStore } from './rebuild.store';
import { readKeys, BUCKETS } from './vault-keys';
import { VaultDamage, type ReadSegment } from './vault-reader';

/** Which rows of a block are wanted. */
export type RowFilter = (block: RowBlock) => RowBlock['rows'];

export const EVERYTHING: RowFilter = ({ rows }) => rows;

/** The rows of some graphs (by their short keys) and nothing else. */
export function onlyGraphs(keys: ReadonlySet<number>): RowFilter {
  return ({ table, columns, rows }) => {
    const column = table === 'graphs' ? 'key' : columns.includes('graph_key') ? 'graph_key' : undefined;
    return column === undefined ? [] : rows.filter((row) => keys.has(row[column] as number));
  };
}

/** The rows of one user. */
export function onlyUser(userKey: number): RowFilter {
  return ({ owner, rows }) => rows.filter((row) => row[owner] === userKey);
}

/** Writes one block of a segment, in the caller's transaction or one of its own. */
export async function loadBlock(
  unitOfWork: UnitOfWork,
  store: RebuildStore,
  block: Block,
  filter: RowFilter,
  also: (em: Parameters<RebuildStore['load']>[0]) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await unitOfWork.write(async (em) => {
    if ('rows' in block) {
      const rows = filter(block.rows);
      if (rows.length > 0) await store.load(em, { ...block.rows, rows });
    } else {
      for (const removal of block.removals) await store.remove(em, removal);
    }
    await also(em);
  });
}

/** Loads whole segments into a database that is thrown away later; resolves with what was read. */
export async function loadScratch(
  segments: AsyncIterable<ReadSegment>,
  unitOfWork: UnitOfWork,
  store: RebuildStore,
  filter: RowFilter,
): Promise<{ objects: number; bytes: number; to: number }> {
  const read = { objects: 0, bytes: 0, to: 0 };
  for await (const segment of segments) {
    for await (const block of segment.blocks()) await loadBlock(unitOfWork, store, block, filter);
    read.objects += 1;
    read.bytes += segment.listed.bytes;
    read.to = segment.header.to;
  }
  return read;
}

/** All wrapped keys of a lineage by the short keys of their owners. Throws VaultDamage when an object is missing or changed. */
export async function allKeys(
  store: ObjectStore,
  lineage: string,
  signal?: AbortSignal,
): Promise<Map<number, UserKeyRow>> {
  const keys = new Map<number, UserKeyRow>();
  let objects = 0;
  for await (const rows of readKeys(store, lineage, signal)) {
    objects += 1;
    for (const row of rows) keys.set(row.user_key, row);
  }
  if (objects !== BUCKETS)
    throw new VaultDamage(
      `lineages/${lineage}/keys/`,
      `${BUCKETS - objects} of the objects with wrapped keys are missing`,
    );
  return keys;
}
