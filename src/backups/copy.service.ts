import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock';
import { uuidBytes, uuidv7 } from '../platform/ids/uuid';
import type { RunLease } from '../platform/jobs/job';
import { CopyPlanner, type CopyRequest } from './copy-planner';
import { CopyRecords } from './copy-records';
import type { BackupRunKind, BackupRunRow, VaultStateRow } from './domain/vault.entity';
import { LineageService } from './lineage.service';
import { SegmentUpload } from './segment-upload';

/** Copies what is new, or everything, into the backup store. */
@Injectable()
export class CopyService {
  constructor(
    private readonly planner: CopyPlanner,
    private readonly lineages: LineageService,
    private readonly segments: SegmentUpload,
    private readonly records: CopyRecords,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs a copy. Returns the finished run, or undefined if there was nothing to copy. Rejects with the error that is
   * also in the run's record. `onBegun` is called when the record exists.
   */
  async run(
    request: CopyRequest,
    lease: RunLease,
    signal: AbortSignal,
    id = uuidv7(this.clock.now()),
    onBegun: () => void = () => undefined,
  ): Promise<BackupRunRow | undefined> {
    const state = await this.lineages.current(lease);
    const { kind, wanted } = await this.planner.decide(state, request);
    let run = newRun(state, kind, uuidBytes(id), this.clock.now());
    let recorded = wanted;
    if (wanted) await this.records.begin(run, lease);
    onBegun();
    try {
      const next = await this.lineages.next(state, kind, lease);
      run = { ...run, ...next.place };
      if (!wanted && run.kind === 'incremental') {
        await this.segments.copyKeys(next.state.lineage, signal);
        await this.records.nothingNew(lease);
        return undefined;
      }
      if (recorded) await this.records.update(run);
      else await this.records.begin(run, lease);
      recorded = true;
      const totals = await this.segments.upload(run, next.state, lease.runNumber, signal);
      return await this.records.finish(run, next.state, totals, lease);
    } catch (error) {
      await this.records.fail(run, recorded, error);
      throw error;
    }
  }
}

function newRun(state: VaultStateRow, kind: BackupRunKind, id: Buffer, now: number): BackupRunRow {
  return {
    id,
    kind,
    status: 'running',
    lineage: state.lineage,
    generation: state.generation,
    place: 0,
    from_seq: 0,
    to_seq: 0,
    versions: 0,
    bytes: 0,
    object: null,
    sha256: null,
    started_at: now,
    finished_at: null,
    verified_at: null,
    read_at: null,
    error: null,
  };
}
