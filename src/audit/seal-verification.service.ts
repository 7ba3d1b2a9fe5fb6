import { Injectable } from '@nestjs/common';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { Keyring } from '../platform/crypto/keyring';
import { UnitOfWork } from '../platform/database/unit-of-work';
import type { JournalEventRow } from './domain/journal-event.entity';
import {
  NO_SEAL,
  SealCheck,
  SealDigest,
  expiryDigest,
  isTagged,
  rememberedEvents,
  sameDigest,
  type RememberedEvent,
} from './domain/seal';
import type { SealRow } from './domain/seal.entity';
import { SealsService } from './seals.service';
import { SealsStore } from './seals.store';

/** The result of a verification. */
export interface Verification {
  intact: boolean;
  /** Sealed events that were read. */
  events: number;
  /** The last sealed seq; later events are not covered. */
  sealedThrough: number;
  /** Events after the last seal. */
  unsealed: number;
  /** The first seq that differs from its seal; null if there is none, or if no single event can be named. */
  firstBadSeq: number | null;
  /** What is wrong; null if nothing is. */
  reason: string | null;
}

interface Fault {
  seq: number | null;
  reason: string;
}

const SEALS_AT_ONCE = 50;
/** Events that are read and hashed in one turn of the event loop: some milliseconds. */
const EVENTS_AT_ONCE = 500;

/** Recomputes all seals and compares them with the journal. Changes nothing. */
@Injectable()
export class SealVerificationService {
  private running: Promise<Verification> | undefined;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: SealsStore,
    private readonly keyring: Keyring,
    private readonly sealing: SealsService,
  ) {}

  /** Runs one verification at a time; concurrent callers share its result. Calls `follow` for each checked seal. */
  run(follow?: (seal: number) => void): Promise<Verification> {
    this.running ??= this.verify(follow).finally(() => (this.running = undefined));
    return this.running;
  }

  private async verify(follow?: (seal: number) => void): Promise<Verification> {
    let last: Pick<SealRow, 'number' | 'to_seq' | 'digest'> = NO_SEAL;
    let events = 0;
    let fault: Fault | null = null;
    for await (const seal of this.seals()) {
      if (!fault) fault = orderFault(seal, last) ?? (await this.sealFault(seal, last.to_seq));
      if (!fault && seal.expired_at === null) events += seal.events;
      last = seal;
      follow?.(seal.number);
    }
    if (!fault && !(await this.sealing.witnessAgrees())) fault = cutOff(last);
    const unsealed = await this.unitOfWork.read((em) => this.store.countAfter(em, last.to_seq));
    return {
      intact: fault === null,
      events,
      sealedThrough: last.to_seq,
      unsealed,
      firstBadSeq: fault?.seq ?? null,
      reason: fault?.reason ?? null,
    };
  }

  private async *seals(): AsyncGenerator<SealRow> {
    for (let after = 0; ;) {
      const from = after;
      const batch = await this.unitOfWork.read((em) => this.store.above(em, from, SEALS_AT_ONCE));
      yield* batch;
      const last = batch.at(-1);
      if (!last) return;
      after = last.number;
    }
  }

  /** Checks the range of one seal, which begins where the previous one ended, at `after`. */
  private async sealFault(seal: SealRow, after: number): Promise<Fault | null> {
    const key = await this.keyring.serviceKey();
    if (seal.expired_at !== null) return this.expiryFault(key, seal, after);
    const check = new SealCheck();
    for await (const events of this.events(after, seal.to_seq)) check.add(events);
    const fault = check.fits(key, seal) ? null : await this.differingEvent(key, seal, after);
    if (!fault) return null;
    // The events may have expired since the seal was read.
    const [present] = await this.unitOfWork.read((em) => this.store.above(em, seal.number - 1, 1));
    return present && present.expired_at !== null ? this.expiryFault(key, present, after) : fault;
  }

  /** Finds the first event that differs from a seal; null if only the seal's tags were changed. */
  private async differingEvent(key: Buffer, seal: SealRow, after: number): Promise<Fault | null> {
    const digest = new SealDigest(key);
    const compare = new Comparison(key, seal.tags ?? Buffer.alloc(0));
    for await (const events of this.events(after, seal.to_seq)) {
      for (const event of events) {
        digest.add(event);
        compare.next(event);
      }
    }
    compare.end();
    const found = digest.finish(seal);
    if (sameDigest(found.digest, seal.digest)) return null;
    if (compare.firstBad !== null) return { seq: compare.firstBad, reason: compare.reason };
    return { seq: seal.from_seq, reason: `the row of seal ${seal.number} itself was changed` };
  }

  private async expiryFault(key: Buffer, seal: SealRow, after: number): Promise<Fault | null> {
    const proof = seal.expiry_digest ?? Buffer.alloc(0);
    if (!sameDigest(expiryDigest(key, seal, seal.expired_at ?? 0), proof))
      return { seq: seal.from_seq, reason: 'events were removed, but not by the service' };
    const [left] = await this.unitOfWork.read((em) => this.store.events(em, after, seal.to_seq, 1));
    return left ? { seq: left.seq, reason: 'an event was added where events had expired' } : null;
  }

  /** The events of a range, in batches, with a turn of the event loop after each. */
  private async *events(after: number, until: number): AsyncGenerator<JournalEventRow[]> {
    for (let seq = after; ;) {
      const from = seq;
      const batch = await this.unitOfWork.read((em) => this.store.events(em, from, until, EVENTS_AT_ONCE));
      const last = batch.at(-1);
      if (!last) return;
      yield batch;
      await yieldToEventLoop();
      seq = last.seq;
    }
  }
}

/** Compares the events of a range with its seal, and finds the first that differs. */
class Comparison {
  private readonly remembered: Generator<RememberedEvent>;
  firstBad: number | null = null;
  reason = '';

  constructor(
    private readonly key: Buffer,
    tags: Buffer,
  ) {
    this.remembered = rememberedEvents(tags);
  }

  next(event: JournalEventRow): void {
    if (this.firstBad !== null) return;
    const expected = this.remembered.next().value as RememberedEvent | undefined;
    if (!expected || event.seq < expected.seq) this.found(event.seq, 'an event was added');
    else if (event.seq > expected.seq) this.found(expected.seq, 'an event was removed');
    else if (!isTagged(this.key, event, expected.tag)) this.found(event.seq, 'an event was changed');
  }

  end(): void {
    if (this.firstBad !== null) return;
    const missing = this.remembered.next().value as RememberedEvent | undefined;
    if (missing) this.found(missing.seq, 'an event was removed');
  }

  private found(seq: number, reason: string): void {
    this.firstBad = seq;
    this.reason = reason;
  }
}

function orderFault(seal: SealRow, last: Pick<SealRow, 'number' | 'to_seq' | 'digest'>): Fault | null {
  if (seal.number === last.number + 1 && seal.previous.equals(last.digest)) return null;
  const reason =
    seal.number === last.number + 1
      ? `seal ${seal.number} does not follow the previous seal`
      : `seal ${last.number + 1} is missing`;
  return { seq: last.to_seq + 1, reason };
}

function cutOff(last: Pick<SealRow, 'to_seq'>): Fault {
  return {
    seq: last.to_seq + 1,
    reason:
      'the journal was truncated or replaced by an older copy: it lacks a seal that this machine has seen',
  };
}
