import { Module, type OnModuleInit } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ClockWatchService } from '../platform/clock/clock-watch.service';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AuditLogService } from './audit-log.service';
import { AuditLogStore } from './audit-log.store';
import { AuditController } from './http/audit.controller';
import { JournalCounts } from './journal-counts';
import { JournalFeed } from './journal-feed';
import { JournalFeedStore } from './journal-feed.store';
import { JournalService } from './journal.service';
import { JournalStore } from './journal.store';
import { SealJob } from './seal.job';
import { AuditHealth } from './audit.health';
import { SealVerificationJob } from './seal-verification.job';
import { SealVerificationService } from './seal-verification.service';
import { SealWitness } from './seal-witness';
import { SealsService } from './seals.service';
import { SealsStore } from './seals.store';
import { VersionWritersService } from './version-writers.service';
import { VersionWritersStore } from './version-writers.store';

/** The journal: who did what and when; and its seals. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [AuditController],
  providers: [
    JournalService,
    JournalStore,
    JournalCounts,
    JournalFeed,
    JournalFeedStore,
    AuditLogService,
    AuditLogStore,
    SealsService,
    SealsStore,
    SealVerificationService,
    SealWitness,
    SealJob,
    SealVerificationJob,
    AuditHealth,
    VersionWritersService,
    VersionWritersStore,
  ],
  exports: [
    AuditHealth,
    JournalCounts,
    JournalFeed,
    JournalService,
    SealsService,
    SealVerificationService,
    VersionWritersService,
  ],
})
export class AuditModule implements OnModuleInit {
  constructor(
    private readonly clockWatch: ClockWatchService,
    private readonly unitOfWork: UnitOfWork,
    private readonly journal: JournalService,
  ) {}

  onModuleInit(): Promise<void> {
    return this.clockWatch.begin(() => this.unitOfWork.read((em) => this.journal.newestAt(em)));
  }
}
