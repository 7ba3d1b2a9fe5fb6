import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalFeed } from '../../audit/journal-feed';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import type { RunLease } from '../../platform/jobs/job';
import { FED_ACTIONS } from './domain/event-types';
import { WebhookQueueStore } from './webhook-queue.store';
import { WebhookStatesStore } from './webhook-states.store';
import { newState } from './domain/webhook-place';

/** Numbers of the journal that one statement looks at: some milliseconds on SQLite. */
const SLICE = 2_000;
/** Webhooks that get a state in one transaction. */
const STATES = 200;

/**
 * Follows the journal by its numbers, up to where no event can appear any more, and makes the webhooks due that may be
 * concerned. Each webhook then reads the journal itself: nothing is kept for a webhook that is slow.
 */
@Injectable()
export class WebhookFeedService {
  private hasStates = false;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly journal: JournalFeed,
    private readonly queue: WebhookQueueStore,
    private readonly states: WebhookStatesStore,
    private readonly clock: Clock,
  ) {}

  /** Whether there is something to do: events that no webhook knows of, or a webhook that is due. */
  hasWork(): Promise<boolean> {
    return this.unitOfWork.read(async (em) => {
      if (!(await this.queue.anyActive(em))) return false;
      const oldest = await this.queue.oldestDue(em);
      if (oldest !== null && oldest <= this.clock.now()) return true;
      return (await this.journal.newest(em)) > (await this.queue.seen(em));
    });
  }

  /** Follows the journal as far as it is settled. Only one caller at a time, under the lease of its job. */
  async follow(signal: AbortSignal, lease: RunLease): Promise<void> {
    const upTo = await this.journal.settledUpTo();
    if (await this.isIdle(upTo, lease)) return;
    await this.addMissingStates(upTo, lease);
    for (let after = await this.seen(); after < upTo;) {
      signal.throwIfAborted();
      const part = { after, upTo: Math.min(after + SLICE, upTo) };
      const owners = await this.unitOfWork.read((em) => this.journal.owners(em, part, FED_ACTIONS));
      await this.unitOfWork.write(async (em) => {
        await lease.guard(em);
        await this.mark(em, owners, part.upTo);
        await this.queue.setSeen(em, part.upTo);
      });
      after = part.upTo;
    }
  }

  /**
   * Skips the journal while there is no webhook. One that is created after the check has a number above `upTo`, which
   * was read before.
   */
  private async isIdle(upTo: number, lease: RunLease): Promise<boolean> {
    const { active, seen, missing } = await this.unitOfWork.read(async (em) => ({
      active: await this.queue.anyActive(em),
      seen: await this.queue.seen(em),
      missing: this.hasStates ? [] : await this.queue.stateless(em, 1),
    }));
    if (active && missing.length === 0) this.hasStates = true;
    if (active || missing.length > 0) return false;
    if (seen < upTo)
      await this.unitOfWork.write(async (em) => {
        await lease.guard(em);
        await this.queue.setSeen(em, upTo);
      });
    return true;
  }

  /** Webhooks that a rebuild has brought back from copies continue with events from now on. */
  private async addMissingStates(upTo: number, lease: RunLease): Promise<void> {
    while (!this.hasStates) {
      const rows = await this.unitOfWork.read((em) => this.queue.stateless(em, STATES));
      if (rows.length > 0)
        await this.unitOfWork.write(async (em) => {
          await lease.guard(em);
          for (const row of rows) await this.states.insert(em, newState({ ...row, seq: upTo }));
        });
      this.hasStates = rows.length < STATES;
    }
  }

  private async mark(em: EntityManager, owners: ReadonlyArray<number | null>, seq: number): Promise<void> {
    const now = this.clock.now();
    const users = owners.filter((owner) => owner !== null);
    await this.queue.markOfUsers(em, users, seq, now);
    if (users.length < owners.length) await this.queue.markOperational(em, seq, now);
  }

  private seen(): Promise<number> {
    return this.unitOfWork.read((em) => this.queue.seen(em));
  }
}
