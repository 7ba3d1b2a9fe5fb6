import { Module } from '@nestjs/common';
import { JournalService } from './journal.service';
import { JournalStore } from './journal.store';

/** The journal: what was done, by whom, when. */
@Module({
  providers: [JournalService, JournalStore],
  exports: [JournalService],
})
export class AuditModule {}
