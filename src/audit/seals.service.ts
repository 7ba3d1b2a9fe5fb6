import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock/clock';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { Keyring } from '../platform/crypto/keyring';
import { UnitOfWork } from '../platform/database/unit-of-work';
import type { RunLease } from '../platform/jobs/job';
import type { JournalEventRow } from './domain/journal-event.entity';
import { NO_SEAL, SealDigest, expiryDigest } from './domain/seal';
import type { SealRow } from './domain/seal.entity';
import { SealWitness, type WitnessedSeal } from './seal-witness';
import { SealsStore } from './seals.store';

/** Most events per seal: limits memory, and the range that one changed event makes doubtful. */
const SEAL_EVENTS = 10_000;
/** Events that are read and hashed, or removed, in one turn of the event loop: some milliseconds. */
const BATCH = 500;

/** The newest seal; the journal is sealed up to `to_seq`. */
export type SealedThrough = Pick<SealRow, 'number' | 'to_seq' | 'digest'> & { madeAt: number | null };

/**
 * Seals the journal: ranges of events are chained by HMAC-SHA-256 with a key that the database stores only in
 * wrapped form. Write access to the tables is therefore not enough to change sealed events or to seal them again.
 */
@Injectable()
export class SealsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: SealsStore,
    private readonly keyring: Keyring,
    private readonly witness: SealWitness,
    private readonly clock: Clock,
  ) {}

  /** How far the journal is sealed, and since when. */
  async sealedThrough(): Promise<SealedThrough> {
    const seal = await this.unitOfWork.read((em) => this.store.newest(em));
    return seal ? { ...seal, madeAt: seal.made_at } : { ...NO_SEAL, madeAt: null };
  }

  /** The newest seal in a snapshot; undefined if nothing is sealed yet. */
  newest(em: EntityManager): Promise<SealRow | undefined> {
    return this.store.newest(em);
  }

  /**
   * Whether the journal contains the seal that this machine remembers. Also true if none is remembered, or if the
   * journal records a rebuild from copies since: events younger than the copies are lost then.
   */
  async witnessAgrees(): Promise<boolean> {
    const witnessed = this.witness.read();
    if (!witnessed) return true;
    return this.unitOfWork.read(async (em) => {
      const seal = await this.store.find(em, witnessed.number);
      if (seal?.digest.toString('hex') === witnessed.digest) return true;
      return this.store.rebuiltSince(em, witnessed.at);
    });
  }

  /**
   * Remembers a seal on this machine. If the journal later lacks it, it was truncated, and the next verification
   * reports that.
   */
  remember(seal: WitnessedSeal): void {
    if (seal.number > (this.witness.read()?.number ?? 0)) this.witness.write(seal);
  }

  /** Since when events wait for a seal, ms, or null; and when the newest seal was made. */
  async waiting(): Promise<{ waitingSince: number | null; madeAt: number | null }> {
    return this.unitOfWork.read(async (em) => {
      const seal = await this.store.newest(em);
      const [first] = await this.store.events(em, seal?.to_seq ?? 0, Number.MAX_SAFE_INTEGER, 1);
      return { waitingSince: first?.at ?? null, madeAt: seal?.made_at ?? null };
    });
  }

  /**
   * Seals all events below which no other event can appear. Yields the number of events per seal. Only one caller at
   * a time, under the lease of its job.
   */
  async *seal(signal: AbortSignal, lease: Pick<RunLease, 'guard'>): AsyncGenerator<number> {
    const until = await this.unitOfWork.settledUpTo('journal', 'seq');
    const key = await this.keyring.serviceKey();
    // A witness that contradicts the journal must not forget its seal.
    const witnessAgrees = await this.witnessAgrees();
    for (let seal = await this.next(key, until); seal; seal = await this.next(key, until)) {
      signal.throwIfAborted();
      const row = seal;
      await this.unitOfWork.write(async (em) => {
        await lease.guard(em);
        await this.store.insert(em, row);
      });
      if (witnessAgrees)
        this.witness.write({ number: row.number, digest: row.digest.toString('hex'), at: row.made_at });
      yield row.events;
    }
  }

  /**
   * Removes the events of seals whose newest event is older than `before` (ms), oldest first, one seal per
   * transaction. The seals stay and record the removal. Unsealed events are never removed. Yields the number of
   * events per seal.
   */
  async *expire(before: number, signal: AbortSignal, lease: Pick<RunLease, 'guard'>): AsyncGenerator<number> {
    const key = await this.keyring.serviceKey();
    for (;;) {
      signal.throwIfAborted();
      const seal = await this.unitOfWork.read((em) => this.store.oldestKept(em));
      if (!seal || !(await this.isOlder(seal, before))) return;
      const now = this.clock.now();
      const expired = await this.unitOfWork.write(async (em) => {
        await lease.guard(em);
        if (!(await this.store.expire(em, seal.number, now, expiryDigest(key, seal, now)))) return false;
        // In parts, so that other reads get a turn in between.
        for (let removed = BATCH; removed === BATCH;)
          removed = await this.store.removeEvents(em, seal.from_seq - 1, seal.to_seq, BATCH);
        return true;
      });
      if (!expired) return;
      yield seal.events;
    }
  }

  private async isOlder({ from_seq, to_seq }: SealRow, before: number): Promise<boolean> {
    const at = await this.unitOfWork.read((em) => this.store.newestEventAt(em, from_seq - 1, to_seq));
    // A sealed range without events was tampered with: it stays as it is, and the verification reports it.
    return at !== null && at < before;
  }

  /** The next seal, not yet written; null if there is nothing to seal. */
  private async next(key: Buffer, until: number): Promise<SealRow | null> {
    const last = (await this.unitOfWork.read((em) => this.store.newest(em))) ?? NO_SEAL;
    const digest = new SealDigest(key);
    for await (const events of this.events(last.to_seq, until)) {
      for (const event of events) digest.add(event);
      if (digest.events >= SEAL_EVENTS) break;
    }
    if (digest.first === null) return null;
    const range = {
      number: last.number + 1,
      from_seq: digest.first,
      to_seq: digest.lastSeq,
      events: digest.events,
      made_at: this.clock.now(),
      previous: last.digest,
    };
    return { ...range, ...digest.finish(range), expired_at: null, expiry_digest: null };
  }

  private async *events(after: number, until: number): AsyncGenerator<JournalEventRow[]> {
    for (let seq = after; ;) {
      const from = seq;
      const batch = await this.unitOfWork.read((em) => this.store.events(em, from, until, BATCH));
      yield batch;
      const last = batch.at(-1);
      if (!last || batch.length < BATCH) return;
      await yieldToEventLoop();
      seq = last.seq;
    }
  }
}
