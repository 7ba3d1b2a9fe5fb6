import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import type { UnitOfWork } from '../platform/database/unit-of-work';
import type { Block, RowBlock } from './domain/row-block';
import type { RebuildStore } from './rebuild.store';
import type { SegmentHeader } from './segment';
import type { ReadSegment } from './vault-reader';
import { ownMember } from '../platform/hardening/own-member';

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
  return ({ owner, rows }) => rows.filter((row) => owner !== null && ownMember(row, owner) === userKey);
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
): Promise<{ objects: number; bytes: number } & Pick<SegmentHeader, 'to' | 'at' | 'seal'>> {
  const read = { objects: 0, bytes: 0, to: 0, at: 0, seal: null as SegmentHeader['seal'] };
  for await (const segment of segments) {
    for await (const block of segment.blocks()) {
      await loadBlock(unitOfWork, store, block, filter);
      await yieldToEventLoop();
    }
    read.objects += 1;
    read.bytes += segment.listed.bytes;
    const { to, at, seal } = segment.header;
    Object.assign(read, { to, at, seal: seal ?? read.seal });
  }
  return read;
}
