import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { Metrics } from '../../platform/metrics/metrics';
import { sharedRead } from '../../platform/metrics/shared-read';
import { MAIL_KINDS, type MailKind } from './domain/mail-kinds';
import { MailsStore } from './mails.store';

const OUTCOMES = ['sent', 'failed', 'given_up', 'unneeded'] as const;
/** Waiting mails are counted up to this number. */
const COUNTED = 1_000;

/** Metrics of mails. */
@Injectable()
export class MailMetrics {
  private readonly mails: Counter;

  constructor(metrics: Metrics, unitOfWork: UnitOfWork, store: MailsStore, clock: Clock) {
    const registers = [metrics.registry];
    this.mails = new Counter({
      name: 'graphomat_mails_total',
      help: 'Attempts to send mails by kind and by how they ended, in this process.',
      labelNames: ['kind', 'outcome'],
      registers,
    });
    for (const kind of MAIL_KINDS) for (const outcome of OUTCOMES) this.mails.inc({ kind, outcome }, 0);
    const collect = sharedRead(async () => {
      const now = clock.now();
      for (const [code, kind] of MAIL_KINDS.entries()) {
        const [count, oldest] = await unitOfWork.read(async (em) => [
          await store.count(em, code, COUNTED),
          await store.oldest(em, code),
        ]);
        waiting.set({ kind }, count);
        age.set({ kind }, oldest === null ? 0 : Math.max(0, now - oldest) / 1_000);
      }
    });
    const gauge = (name: string, help: string) =>
      new Gauge({ name, help, labelNames: ['kind'], registers, collect });
    const waiting = gauge('graphomat_mails_waiting', 'Mails that wait to be sent, counted up to 1000.');
    const age = gauge('graphomat_mail_oldest_seconds', 'How long the longest waiting mail has waited.');
  }

  ended(kind: MailKind, outcome: (typeof OUTCOMES)[number]): void {
    this.mails.inc({ kind, outcome });
  }
}
