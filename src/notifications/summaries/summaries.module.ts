import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module';
import { BackupsModule } from '../../backups/backups.module';
import { DiffModule } from '../../diff/diff.module';
import { GraphsModule } from '../../graphs/graphs.module';
import { MailModule } from '../mail/mail.module';
import { SummariesController } from './http/summaries.controller';
import { UnsubscribeController } from './http/unsubscribe.controller';
import { SummariesJob } from './summaries.job';
import { SummariesService } from './summaries.service';
import { SummariesStore } from './summaries.store';
import { SummaryFactsService } from './summary-facts.service';
import { SummaryMailWriter } from './summary-mail.writer';
import { SummaryRecipients } from './summary-recipients';
import { UnsubscribeLinks } from './unsubscribe-links';

/** Weekly summaries by mail, for users who want them. */
@Module({
  imports: [AuditModule, BackupsModule, DiffModule, GraphsModule, MailModule],
  controllers: [SummariesController, UnsubscribeController],
  providers: [
    SummariesService,
    SummariesStore,
    SummariesJob,
    SummaryFactsService,
    SummaryMailWriter,
    SummaryRecipients,
    UnsubscribeLinks,
  ],
})
export class SummariesModule {}
