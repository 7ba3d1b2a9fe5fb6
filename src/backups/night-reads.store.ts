import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../platform/database/statement';

const markRead = new Statement(
  `UPDATE backup_runs SET read_at = :now WHERE lineage = :lineage AND generation = :generation AND place <= :place
   AND object IS NOT NULL`,
);
// A segment that no verification has read was read back when it was written.
const lastReads = new Statement<{ generation: number; read_at: number | null }>(
  `SELECT generation, COALESCE(read_at, finished_at) AS read_at FROM backup_runs
   WHERE lineage = :lineage AND place = 0 AND status IN ('stored', 'verified') AND object IS NOT NULL`,
);
const frame = new Statement<{ seq: number; frame: Buffer }>(
  'SELECT seq, frame FROM versions WHERE user_key = :user_key AND graph_key = :graph_key AND version = :version',
);

/** When copies were read back, and the rows to compare new ones with. */
@Injectable()
export class NightReadsStore {
  /** Records that the segments of a generation up to a place were read back at `now`, ms. */
  async markRead(
    em: EntityManager,
    lineage: string,
    generation: number,
    place: number,
    now: number,
  ): Promise<void> {
    await markRead.run(em, { lineage, generation, place, now });
  }

  /** When each generation was last read back, ms since the epoch. */
  async lastReads(em: EntityManager, lineage: string): Promise<Map<number, number | null>> {
    const rows = await lastReads.all(em, { lineage });
    return new Map(rows.map(({ generation, read_at }) => [generation, read_at]));
  }

  /** A version's frame, with the number of the event that wrote it last. */
  frame(em: EntityManager, userKey: number, graphKey: number, version: number) {
    return frame.one(em, { user_key: userKey, graph_key: graphKey, version });
  }
}
