import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { NOTHING_STORED, type VaultMarks } from '../versions/domain/backup-status';
import { VaultStore } from './vault.store';

/** How long the marks are cached, ms: another process may copy meanwhile. */
const GOOD_FOR_MS = 500;

/** How far the copies have followed the database; a version's `backup_status` follows from it. */
@Injectable()
export class BackupMarksService {
  private marks: VaultMarks = NOTHING_STORED;
  private readAt = -Infinity;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
  ) {}

  async read(): Promise<VaultMarks> {
    if (performance.now() - this.readAt < GOOD_FOR_MS) return this.marks;
    const state = await this.unitOfWork.read((em) => this.store.state(em));
    this.marks = state ? { stored: state.stored_seq, verified: state.verified_seq } : NOTHING_STORED;
    this.readAt = performance.now();
    return this.marks;
  }

  /** Drops the cached marks: this process has just moved them. */
  forget(): void {
    this.readAt = -Infinity;
  }
}
