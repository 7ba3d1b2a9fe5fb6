import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { JournalService } from '../audit/journal.service';
import { SealsService } from '../audit/seals.service';
import { Clock } from '../platform/clock/clock';
import { CopyStore } from './copy.store';
import { COPIED_TABLES, REMOVING_ACTIONS, type RemovingAction } from './domain/copied-tables';
import { BlockWriter, type ReadRows, type Removal, type Row } from './domain/row-block';
import { ownMember } from '../platform/hardening/own-member';
import type { SegmentPlace } from './domain/segment-name';
import { SegmentWriter } from './segment';

/** What a segment must contain. */
export interface SegmentRequest extends SegmentPlace {
  /** Rows after this number of the journal, seals after this one, and expiries of seals after that one; null: all. */
  after: { seq: number; seal: number; expiredSeal: number } | null;
  predecessor: string | null;
}

/** What the rows of a segment contain. */
interface RowTotals {
  versions: number;
  /** The newest seal whose events have expired; 0 for none. */
  expiredSeal: number;
}

/** What a segment contains. */
export interface SegmentTotals extends RowTotals {
  /** All rows up to this number of the journal are in it or in the segments before it. */
  to: number;
  /** The newest seal of the journal; 0 for none. */
  seal: number;
  /** When the rows were read, ms since the epoch. */
  at: number;
  bytes: number;
  frames: number;
  sha256: string;
}

/** Seals read at a time. */
const SEALS = 500;
/** Most removals in one block, and most numbers of kept versions in it; at least one removal. */
const REMOVALS = 1_000;
const KEPT_NUMBERS = 50_000;

/** Encodes a snapshot of the database as segments. */
@Injectable()
export class SegmentStream {
  constructor(
    private readonly store: CopyStore,
    private readonly journal: JournalService,
    private readonly seals: SealsService,
    private readonly clock: Clock,
  ) {}

  /**
   * Yields the bytes of a segment, and returns what it contains. `em` belongs to a snapshot, `upTo` is its settled
   * number of the journal.
   */
  async *pieces(
    em: EntityManager,
    upTo: number,
    request: SegmentRequest,
    lineageKey: Buffer,
  ): AsyncGenerator<Buffer, SegmentTotals> {
    const { after, predecessor, ...place } = request;
    const seal = await this.seals.newest(em);
    // The snapshot was taken before: it contains nothing younger than this.
    const at = this.clock.now();
    const header = {
      format: 1 as const,
      ...place,
      from: after?.seq ?? 0,
      to: upTo,
      at,
      schema: await this.store.schema(em),
      predecessor,
      salt: randomBytes(16).toString('hex'),
      journal_floor: (await this.journal.seqRange(em)).oldest,
      seal: seal ? { number: seal.number, digest: seal.digest.toString('hex') } : null,
    };
    const writer = new SegmentWriter(header, lineageKey);
    yield writer.begin();
    const rows = yield* this.rows(em, after, writer);
    yield writer.end();
    const { frames, bytes, sha256 } = writer;
    return { ...rows, to: upTo, seal: seal?.number ?? 0, at, frames, bytes, sha256 };
  }

  private async *rows(
    em: EntityManager,
    after: SegmentRequest['after'],
    writer: SegmentWriter,
  ): AsyncGenerator<Buffer, RowTotals> {
    const totals: RowTotals = { versions: 0, expiredSeal: after?.expiredSeal ?? 0 };
    // Removals come first, so that no new row can collide with a removed one.
    const removals = after === null ? [] : await this.removals(em, after.seq);
    const blocks = new BlockWriter();
    for (const part of inParts(removals)) yield* framed(writer, blocks.removals(part));
    for (const copied of COPIED_TABLES) {
      const { table, columns, mark } = copied;
      if (mark === 'number') {
        for await (const rows of this.expiredSeals(em, totals.expiredSeal)) {
          totals.expiredSeal = Number(rows.at(-1)!['number']);
          if (after) yield* framed(writer, blocks.rows(copied, asRead(columns, rows)));
        }
      }
      const from = after && (mark === 'number' ? after.seal : after.seq);
      for await (const read of this.store.pages(em, copied, from)) {
        if (table === 'versions') totals.versions += read.rows.length;
        yield* framed(writer, blocks.rows(copied, read));
      }
    }
    return totals;
  }

  /** Seals after the number `after` whose events have expired. Events expire oldest first. */
  private async *expiredSeals(em: EntityManager, after: number): AsyncGenerator<Row[]> {
    for (let last = after, more = true; more;) {
      const seals = await this.store.seals(em, last, SEALS);
      const kept = seals.findIndex((seal) => seal['expired_at'] === null);
      const expired = kept < 0 ? seals : seals.slice(0, kept);
      last = Number(expired.at(-1)?.['number'] ?? last);
      if (expired.length > 0) yield expired;
      more = seals.length === SEALS && kept < 0;
    }
  }

  /** What the events after a number removed. A removed row has no number by which it could be found. */
  private async removals(em: EntityManager, after: number): Promise<Removal[]> {
    const actions = Object.keys(REMOVING_ACTIONS) as RemovingAction[];
    const removals: Removal[] = [];
    for (const { userKey, action, subjectId } of await this.journal.subjectsAfter(em, after, actions)) {
      const graphKey = await this.store.graphKey(em, userKey, subjectId);
      if (REMOVING_ACTIONS[action as RemovingAction] === 'graph')
        removals.push({ graph: { user_key: userKey, id: subjectId.toString('hex') } });
      // A graph that was purged later has its own event.
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

/** One block as a frame. The consumer may take many pieces without waiting, so other requests get their turn. */
async function* framed(writer: SegmentWriter, block: Buffer): AsyncGenerator<Buffer, void> {
  yield writer.frame(block);
  await yieldToEventLoop();
}

const asRead = (columns: readonly string[], rows: readonly Row[]): ReadRows => ({
  rows: rows.map((row) => columns.map((column) => ownMember(row, column) ?? null)),
  joined: [],
});

function* inParts(removals: readonly Removal[]): Generator<Removal[]> {
  let part: Removal[] = [];
  let numbers = 0;
  for (const removal of removals) {
    part.push(removal);
    if ('versions' in removal) numbers += removal.versions.kept.length + removal.versions.texts.length;
    if (part.length < REMOVALS && numbers < KEPT_NUMBERS) continue;
    yield part;
    part = [];
    numbers = 0;
  }
  if (part.length > 0) yield part;
}
