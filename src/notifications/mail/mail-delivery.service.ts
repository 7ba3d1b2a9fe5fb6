import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import type { RunLease } from '../../platform/jobs/job';
import { UnsendableMailError } from './domain/letter';
import { MAIL_KINDS } from './domain/mail-kinds';
import type { MailRow } from './domain/mail.entity';
import { MailOutcomes } from './mail-outcomes';
import { DeliveryError, MailTransport, type MailSession } from './mail-transport';
import { MailWriters } from './mail-writers';
import { MailsStore } from './mails.store';

/** Mails read at a time: a more urgent one waits for as many at most. */
const BATCH = 10;

/** How one mail ended; `server`: no mail can be sent now. */
export type MailOutcome = 'sent' | 'unneeded' | 'failed' | 'given_up' | 'server';
export type DeliveryCounts = Record<MailOutcome, number>;

/** Sends the mails that are due: each at least once, the most urgent first, all on one connection. */
@Injectable()
export class MailDeliveryService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: MailsStore,
    private readonly writers: MailWriters,
    private readonly transport: MailTransport,
    private readonly outcomes: MailOutcomes,
    private readonly clock: Clock,
  ) {}

  /** Sends until nothing is due, or the server can't be used. Throws `signal.reason` when it is aborted. */
  async run(signal: AbortSignal, lease: RunLease): Promise<DeliveryCounts> {
    const counts: DeliveryCounts = { sent: 0, unneeded: 0, failed: 0, given_up: 0, server: 0 };
    let session: MailSession | undefined;
    const connect = async () => (session ??= await this.transport.open());
    try {
      while (counts.server === 0) {
        const batch = await this.due();
        if (batch.length === 0) break;
        for (const mail of batch) {
          signal.throwIfAborted();
          const outcome = await this.deliver(mail, connect, signal, lease);
          counts[outcome] += 1;
          if (outcome === 'server') break;
        }
      }
    } finally {
      session?.close();
    }
    return counts;
  }

  private async due(): Promise<MailRow[]> {
    const now = this.clock.now();
    for (const kind of MAIL_KINDS.keys()) {
      const rows = await this.unitOfWork.read((em) => this.store.due(em, kind, now, BATCH));
      if (rows.length > 0) return rows;
    }
    return [];
  }

  private async deliver(
    mail: MailRow,
    connect: () => Promise<MailSession>,
    signal: AbortSignal,
    lease: RunLease,
  ): Promise<MailOutcome> {
    try {
      const letter = await this.writers.write(mail, signal);
      if (letter) await (await connect()).send(letter, idOf(mail), signal);
      await this.outcomes.done(mail, lease, letter !== undefined);
      return letter ? 'sent' : 'unneeded';
    } catch (error) {
      signal.throwIfAborted();
      return this.failed(mail, lease, error);
    }
  }

  private async failed(mail: MailRow, lease: RunLease, error: unknown): Promise<MailOutcome> {
    if (error instanceof UnsendableMailError)
      return this.outcomes.giveUp(mail, lease, `UNSENDABLE ${error.part}`);
    if (!(error instanceof DeliveryError)) return this.outcomes.notWritten(mail, lease, error);
    if (error.fault === 'refused') return this.outcomes.giveUp(mail, lease, error.code);
    await this.outcomes.postpone(mail, lease, error.code);
    return error.fault === 'server' ? 'server' : 'failed';
  }
}

/** The same for each attempt of a mail, and different for a later mail of the same kind. */
function idOf({ user_key, kind, reference, created_at }: MailRow): string {
  const parts = JSON.stringify([user_key, kind, reference, created_at]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}
