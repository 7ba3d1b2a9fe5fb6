import { Module } from '@nestjs/common';
import { AuditLog } from './audit-log.service';
import { AuditLogStore } from './audit-log.store';
import { ClockMarkStore } from './clock-mark.store';
import { ClockWatch } from './clock-watch.service';
import { AuditController } from './http/audit.controller';
import { JournalService } from './journal.service';
import { JournalStore } from './journal.store';
import { SealJob } from './seal.job';
import { SealVerification } from './seal-verification.service';
import { SealWitness } from './seal-witness';
import { SealsService } from './seals.service';
import { SealsStore } from './seals.store';

/** The journal: what was done, by whom, when; and its seals. */
@Module({
  controllers: [AuditController],
  providers: [
    JournalService,
    JournalStore,
    AuditLog,
    AuditLogStore,
    SealsService,
    SealsStore,
    SealVerification,
    SealWitness,
    SealJob,
    ClockWatch,
    ClockMarkStore,
  ],
  exports: [ClockWatch, JournalService, SealsService, SealVerification],
})
export class AuditModule {}
