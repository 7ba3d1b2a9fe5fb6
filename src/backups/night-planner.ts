import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { UnitOfWork } from '../platform/database/unit-of-work';
import type { Generation } from './domain/generations';
import { nightShare } from './domain/night-share';
import type { BackupRunRow, VaultStateRow } from './domain/vault.entity';
import { NightReadsStore } from './night-reads.store';
import { VaultStore } from './vault.store';
import { VerificationPlanner } from './verification-planner';

/** Days within which everything is read back, where the setting does not say: reading from S3 costs money. */
const DAYS = { folder: 1, s3: 7 };

/** What a night reads back. */
export interface Night {
  /** Whether the newest generation is read whole, and graphs are decoded from it. */
  whole: boolean;
  /** If not: its segments since the last verification, the hash of the one before them, and the last row's number. */
  fresh: { places: Generation['places']; after: string | null; upTo: number } | undefined;
  /** Generations before the newest. */
  older: Generation[];
}

/** Decides what a night reads back, so that everything is read within VERIFY_WITHIN_DAYS. */
@Injectable()
export class NightPlanner {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly reads: NightReadsStore,
    private readonly planner: VerificationPlanner,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  async plan(state: VaultStateRow, newest: Generation): Promise<Night> {
    const older = await this.planner.older(state);
    const lastReads = await this.unitOfWork.read((em) => this.reads.lastReads(em, state.lineage));
    const generations = [...older, newest].map(({ number, bytes }) => ({
      number,
      bytes,
      readAt: lastReads.get(number) ?? null,
    }));
    const chosen = new Set(nightShare(generations, this.days, this.clock.now()));
    const fresh = await this.freshOf(state, newest);
    return {
      whole: chosen.has(newest.number) || fresh === 'unproven',
      fresh: fresh === 'unproven' ? undefined : fresh,
      older: older.filter(({ number }) => chosen.has(number)),
    };
  }

  private get days(): number {
    const isS3 = this.config.get('BACKUP_STORE_URL').startsWith('s3:');
    return this.config.get('VERIFY_WITHIN_DAYS') ?? (isS3 ? DAYS.s3 : DAYS.folder);
  }

  /**
   * The segments of the newest generation that were not verified yet. `unproven` if versions before them were not
   * decoded yet, which needs the whole generation.
   */
  private async freshOf(
    { lineage, verified_seq }: VaultStateRow,
    { number, places }: Generation,
  ): Promise<Night['fresh'] | 'unproven'> {
    const rows = await this.unitOfWork.read((em) => this.store.ofGeneration(em, lineage, number));
    // A copy may have ended since the generation was listed.
    const good = rows
      .filter(({ status }) => status !== 'running' && status !== 'failed')
      .slice(0, places.length);
    const first = good.findIndex(({ status }) => status === 'stored');
    if (first < 0) return undefined;
    const before: BackupRunRow | undefined = good[first - 1];
    if (!before || verified_seq < good[first]!.from_seq) return 'unproven';
    return { places: places.slice(first), after: before.sha256, upTo: good.at(-1)!.to_seq };
  }
}
