import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { JournalService } from '../audit/journal.service';
import { SealsService } from '../audit/seals.service';
import { Clock } from '../platform/clock/clock';
import { CopyStore } from './copy.store';
import { COPIED_TABLES, REMOVING_ACTIONS, type RemovingAction } from './domain/copied-tables';
import { encodeRemovals, encodeRows, type Removal, type Row } from './domain/row-block';
import type { SegmentPlace } from './domain/segment-name';
import { SegmentWriter } from './segment';

/** What a segment is to hold. */
export interface SegmentRequest extends SegmentPlace {
  /** Rows above this number of the journal, seals above this one, and expiries of seals above that one; null: all. */
  after: { seq: number; seal: number; expiredSeal: number } | null;
  predecessor: string | null;
}

/** What came of it; filled while the stream is read. */
export interface SegmentTotals {
  to: number;
  /** The newest seal of the journal; 0 for none. */
  seal: number;
  /** The newest one whose events have expired; 0 for none. */
  expiredSeal: number;
  /** When the rows were read, ms since the epoch. */
  at: number;
  versions: number;
  bytes: number;
  frames: number;
  sha256: string;
}

/** Seals read at a time. */
const SEALS = 500;
/** Removals in one block, and numbers of kept versions in it, whichever is reached first; at least one removal. */
const REMOVALS = 1_000;
const KEPT_NUMBERS = 50_000;

/** Makes segments out of a state of the database. */
@Injectable()
export class SegmentStream {
  constructor(
    private readonly store: CopyStore,
    private readonly journal: JournalService,
    private readonly seals: SealsService,
    private readonly clock: Clock,
  ) {}

  /** The bytes of a segment, piece by piece; `em` is a snapshot's, `upTo` its settled number. */
  async *pieces(
    em: EntityManager,
    upTo: number,
    request: SegmentRequest,
    lineageKey: Buffer,
    totals: SegmentTotals,
  ): AsyncGenerator<Buffer> {
    const { after, predecessor, ...place } = request;
    const seal = await this.seals.newest(em);
    // Nothing younger than this is in the state: it was taken before.
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
    for await (const block of this.blocks(em, after, totals)) {
      totals.frames += 1;
      yield writer.frame(block);
      // The consumer may take many pieces without waiting: requests must run meanwhile.
      await yieldToEventLoop();
    }
    yield writer.end();
    Object.assign(totals, { to: upTo, seal: seal?.number ?? 0, at });
    Object.assign(totals, { bytes: writer.bytes, sha256: writer.sha256 });
  }

  private async *blocks(
    em: EntityManager,
    after: SegmentRequest['after'],
    totals: SegmentTotals,
  ): AsyncGenerator<Buffer> {
    // First what went, so that nothing that is new can collide with it.
    const removals = after === null ? [] : await this.removals(em, after.seq);
    for (const part of inParts(removals)) yield encodeRemovals(part);
    for (const copied of COPIED_TABLES) {
      const { table, key, owner, columns, mark } = copied;
      const from = after && (mark === 'number' ? after.seal : after.seq);
      if (mark === 'number')
        for await (const rows of this.expiredSeals(em, after?.expiredSeal ?? 0, totals))
          if (after) yield encodeRows({ table, key, owner, columns, rows });
      for await (const rows of this.store.pages(em, copied, from)) {
        if (table === 'versions') totals.versions += rows.length;
        yield encodeRows({ table, key, owner, columns, rows });
      }
    }
  }

  /** Seals whose events have expired since the one with the number `after`: they go oldest first. */
  private async *expiredSeals(
    em: EntityManager,
    after: number,
    totals: SegmentTotals,
  ): AsyncGenerator<Row[]> {
    totals.expiredSeal = after;
    for (let more = true; more;) {
      const seals = await this.store.seals(em, totals.expiredSeal, SEALS);
      const kept = seals.findIndex((seal) => seal['expired_at'] === null);
      const expired = kept < 0 ? seals : seals.slice(0, kept);
      totals.expiredSeal = Number(expired.at(-1)?.['number'] ?? totals.expiredSeal);
      if (expired.length > 0) yield expired;
      more = seals.length === SEALS && kept < 0;
    }
  }

  /** Rows that the events after a number removed: a removed row has no number by which it could be found. */
  private async removals(em: EntityManager, after: number): Promise<Removal[]> {
    const actions = Object.keys(REMOVING_ACTIONS) as RemovingAction[];
    const removals: Removal[] = [];
    for (const { userKey, action, subjectId } of await this.journal.subjectsAfter(em, after, actions)) {
      const graphKey = await this.store.graphKey(em, userKey, subjectId);
      if (REMOVING_ACTIONS[action as RemovingAction] === 'graph')
        removals.push({ graph: { user_key: userKey, id: subjectId.toString('hex') } });
      // A graph that was purged since has an event of its own.
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
