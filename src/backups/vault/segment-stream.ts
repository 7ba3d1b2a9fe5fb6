import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService } from '../../audit/journal.service';
import { CopyStore } from './copy.store';
import { COPIED_TABLES, REMOVING_ACTIONS, type RemovingAction } from './domain/copied-tables';
import { encodeRemovals, encodeRows, type Removal } from './domain/row-block';
import type { SegmentPlace } from './domain/segment-name';
import { SegmentWriter } from './segment';

/** What a segment is to hold. */
export interface SegmentRequest extends SegmentPlace {
  /** Rows above this number of the journal; null: all. */
  after: number | null;
  /** Milliseconds since the epoch. */
  at: number;
  predecessor: string | null;
}

/** What came of it; filled while the stream is read. */
export interface SegmentTotals {
  to: number;
  versions: number;
  bytes: number;
  frames: number;
  sha256: string;
}

/** Removals in one block. */
const REMOVALS = 1_000;

/** Makes segments out of a state of the database. */
@Injectable()
export class SegmentStream {
  constructor(
    private readonly store: CopyStore,
    private readonly journal: JournalService,
  ) {}

  /** The bytes of a segment, piece by piece; `em` is a snapshot's, `upTo` its settled number. */
  async *pieces(
    em: EntityManager,
    upTo: number,
    request: SegmentRequest,
    lineageKey: Buffer,
    totals: SegmentTotals,
  ): AsyncGenerator<Buffer> {
    const { after, predecessor, at, ...place } = request;
    const header = {
      format: 1 as const,
      ...place,
      from: after ?? 0,
      to: upTo,
      at,
      schema: await this.store.schema(em),
      predecessor,
      salt: randomBytes(16).toString('hex'),
      journal_floor: (await this.journal.ends(em)).oldest,
    };
    const writer = new SegmentWriter(header, lineageKey);
    yield writer.begin();
    for await (const block of this.blocks(em, after, totals)) {
      totals.frames += 1;
      yield writer.frame(block);
    }
    yield writer.end();
    totals.to = upTo;
    totals.bytes = writer.bytes;
    totals.sha256 = writer.sha256;
  }

  private async *blocks(
    em: EntityManager,
    after: number | null,
    totals: SegmentTotals,
  ): AsyncGenerator<Buffer> {
    // First what went, so that nothing that is new can collide with it.
    const removals = after === null ? [] : await this.removals(em, after);
    for (let from = 0; from < removals.length; from += REMOVALS)
      yield encodeRemovals(removals.slice(from, from + REMOVALS));
    for (const copied of COPIED_TABLES) {
      const { table, key, owner, columns } = copied;
      for await (const rows of this.store.pages(em, copied, after)) {
        if (table === 'versions') totals.versions += rows.length;
        yield encodeRows({ table, key, owner, columns, rows });
      }
    }
  }

  /** What the events after a number took away: rows that are gone have no number to be found by. */
  private async removals(em: EntityManager, after: number): Promise<Removal[]> {
    const actions = Object.keys(REMOVING_ACTIONS) as RemovingAction[];
    const removals: Removal[] = [];
    for (const { userKey, action, subjectId } of await this.journal.subjectsAfter(em, after, actions)) {
      const graphKey = await this.store.graphKey(em, userKey, subjectId);
      if (REMOVING_ACTIONS[action as RemovingAction] === 'graph')
        removals.push({ graph: { user_key: userKey, id: subjectId.toString('hex') } });
      // One that was purged since is told of by that event.
      else if (graphKey !== undefined)
        removals.push({
          versions: {
            user_key: userKey,
            graph_key: graphKey,
            ...(await this.store.kept(em, userKey, graphKey)),
          },
        });
    }
    return removals;
  }
}
