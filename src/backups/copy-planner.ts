import { Injectable } from '@nestjs/common';
import { JournalService } from '../audit/journal.service';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { parseCron } from '../platform/jobs/cron';
import type { BackupRunKind, VaultStateRow } from './domain/vault.entity';

/** What a run is asked for: what the schedule requires, or a kind that an operator requested. */
export type CopyRequest = 'scheduled' | BackupRunKind;

/** Decides what a run copies. */
@Injectable()
export class CopyPlanner {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly journal: JournalService,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /** The kind of copy, and whether one is wanted at all: not if the schedule asks and nothing has changed. */
  async decide(
    state: VaultStateRow,
    request: CopyRequest,
  ): Promise<{ kind: BackupRunKind; wanted: boolean }> {
    const full = this.fullIsDue(state, request);
    const { newest } = await this.unitOfWork.read((em) => this.journal.seqRange(em));
    const wanted = full || newest > state.stored_seq || request !== 'scheduled';
    return { kind: full ? 'full' : 'incremental', wanted };
  }

  private fullIsDue(state: VaultStateRow, request: CopyRequest): boolean {
    if (request === 'full' || state.tip === null || state.needs_full === 1 || state.full_at === null)
      return true;
    if (request !== 'scheduled') return false;
    const due = parseCron(this.config.get('BACKUP_FULL_CRON')).next(state.full_at);
    return due !== null && due <= this.clock.now();
  }
}
