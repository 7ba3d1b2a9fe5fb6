import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { AuditModule } from '../../audit/audit.module';
import { PasswordMailsController } from './http/password-mails.controller';
import { MailDeliveryService } from './mail-delivery.service';
import { MailMetrics } from './mail-metrics';
import { MailOutcomes } from './mail-outcomes';
import { MailQueue } from './mail-queue';
import { MailTransport } from './mail-transport';
import { MailWriters } from './mail-writers';
import { MailHealth } from './mail.health';
import { MailJob } from './mail.job';
import { MailsStore } from './mails.store';
import { PasswordMailsService } from './password-mails.service';
import { PasswordResetMailWriter } from './password-reset-mail.writer';
import { ResetRequestEvents } from './reset-request-events';

/** Mail: a queue in the database, a job that empties it, and links for forgotten passwords. */
@Module({
  imports: [DiscoveryModule, TerminusModule.forRoot({ logger: false }), AuditModule],
  controllers: [PasswordMailsController],
  providers: [
    MailQueue,
    MailsStore,
    MailTransport,
    MailWriters,
    MailDeliveryService,
    MailOutcomes,
    MailMetrics,
    MailHealth,
    MailJob,
    PasswordMailsService,
    PasswordResetMailWriter,
    ResetRequestEvents,
  ],
  exports: [MailQueue, MailHealth],
})
export class MailModule {}
