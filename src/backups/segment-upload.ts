import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { Keyring } from '../platform/crypto/keyring';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { ObjectStore } from '../platform/objects/object-store';
import type { BackupRunRow, VaultStateRow } from './domain/vault.entity';
import { KeyCopies } from './key-copies';
import { openSegment, SegmentError } from './segment';
import { SegmentStream, type SegmentRequest, type SegmentTotals } from './segment-stream';

/** Writes segments into the backup store and reads them back. */
@Injectable()
export class SegmentUpload {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly objects: ObjectStore,
    private readonly segments: SegmentStream,
    private readonly keys: KeyCopies,
    private readonly keyring: Keyring,
  ) {}

  /**
   * Writes the segment of a run from one snapshot of the database and reads it back. Throws SegmentError if it does
   * not read back as it was written, and ObjectStoreError.
   */
  async upload(
    run: BackupRunRow,
    state: VaultStateRow,
    runNumber: number,
    signal: AbortSignal,
  ): Promise<SegmentTotals> {
    const key = await this.keyring.vaultKey(Buffer.from(run.lineage, 'hex'));
    if (!key) throw new Error('The database has no key for the copies.');
    const request = requestOf(run, state, runNumber);
    const object = run.object!;
    const totals = await this.unitOfWork.snapshot('journal', signal, async (em, upTo) => {
      // After the state was read and before the copy is visible: each account in it has its key in the store.
      await this.keys.copy(run.lineage, signal, run.kind === 'full');
      return this.write(object, em, upTo, request, key, signal);
    });
    await this.readBack(object, key, totals, signal);
    return totals;
  }

  /** Copies the wrapped keys alone, for a run that has nothing else to copy. */
  copyKeys(lineage: string, signal: AbortSignal): Promise<void> {
    return this.keys.copy(lineage, signal, false);
  }

  private async write(
    object: string,
    em: EntityManager,
    upTo: number,
    request: SegmentRequest,
    key: Buffer,
    signal: AbortSignal,
  ): Promise<SegmentTotals> {
    const pieces = this.segments.pieces(em, upTo, request, key);
    let totals: SegmentTotals | undefined;
    await this.objects.put(
      object,
      (async function* () {
        totals = yield* pieces;
      })(),
      signal,
    );
    if (!totals) throw new SegmentError(`${object} was not written to its end`);
    return totals;
  }

  /** Reads the whole segment back: a copy that cannot be read is no copy. */
  private async readBack(
    object: string,
    key: Buffer,
    written: SegmentTotals,
    signal: AbortSignal,
  ): Promise<void> {
    const segment = await openSegment(this.objects.get(object, signal));
    let frames = 0;
    for await (const _block of segment.blocks(key)) {
      frames += 1;
      await yieldToEventLoop();
    }
    if (segment.sha256() !== written.sha256 || frames !== written.frames)
      throw new SegmentError(`${object} does not read back as it was written`);
  }
}

function requestOf(run: BackupRunRow, state: VaultStateRow, runNumber: number): SegmentRequest {
  const full = run.kind === 'full';
  return {
    lineage: run.lineage,
    generation: run.generation,
    index: run.place,
    fence: runNumber,
    kind: full ? 'full' : 'part',
    after: full ? null : { seq: run.from_seq, seal: state.seal, expiredSeal: state.expired_seal },
    predecessor: full ? null : state.tip_sha256,
  };
}
