import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { LeaseLostError, type RunLease } from '../../platform/jobs/job';
import { Log } from '../../platform/logging/log';
import type { WebhookStateRow } from './domain/webhook-state.entity';
import { WebhookQueueStore } from './webhook-queue.store';
import { WebhookTurnService } from './webhook-turn.service';

/** Turns at the same time: of quick receivers, and of slow ones, which never take the places of the others. */
const AT_ONCE = 32;
/** Turns of one user at the same time, of each of the two kinds. */
const AT_ONCE_OF_USER = 4;
/** Due webhooks that are read from the database at a time. */
const BATCH = 200;

/** The turns of one run of the job. */
export interface Round {
  /** Turns that run now. */
  readonly running: number;
  /** Turns that have ended. */
  readonly done: number;
  /** Starts turns of due webhooks as long as there is room; returns how many. */
  startDue(): Promise<number>;
  /** Resolves when all turns have ended. */
  allEnd(): Promise<void>;
  /** Resolves when a turn ends; never if none runs. */
  anyEnds(): Promise<void>;
}

/** Gives due webhooks their turns: many at the same time, and no user more than a few. */
@Injectable()
export class WebhookTurns {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly queue: WebhookQueueStore,
    private readonly turns: WebhookTurnService,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  round(signal: AbortSignal, lease: RunLease): Round {
    const running = new Map<WebhookStateRow, Promise<void>>();
    let done = 0;
    const start = (state: WebhookStateRow) => {
      const turn = this.turns
        .run(state, signal, lease)
        .catch((error: unknown) => this.failed(error, signal))
        .finally(() => {
          running.delete(state);
          done += 1;
        });
      running.set(state, turn);
    };
    return {
      get running() {
        return running.size;
      },
      get done() {
        return done;
      },
      startDue: async () =>
        (await this.startDue(running, start, false)) + (await this.startDue(running, start, true)),
      allEnd: async () => void (await Promise.all(running.values())),
      anyEnds: () => Promise.race(running.values()),
    };
  }

  private async startDue(
    running: ReadonlyMap<WebhookStateRow, unknown>,
    start: (state: WebhookStateRow) => void,
    isSlow: boolean,
  ): Promise<number> {
    const sameKind = () => [...running.keys()].filter(({ slow }) => (slow === 1) === isSlow);
    if (sameKind().length >= AT_ONCE) return 0;
    const due = await this.unitOfWork.read((em) => this.queue.due(em, isSlow, this.clock.now(), BATCH));
    let started = 0;
    for (const state of due) {
      const current = sameKind();
      if (current.length >= AT_ONCE) break;
      if (isRunning(running, state)) continue;
      if (current.filter(({ user_key }) => user_key === state.user_key).length >= AT_ONCE_OF_USER) continue;
      start(state);
      started += 1;
    }
    return started;
  }

  /** The webhook stays due: the next run tries it again. */
  private failed(error: unknown, signal: AbortSignal): void {
    if (signal.aborted || error instanceof LeaseLostError) return;
    this.log.error('the end of a turn of a webhook could not be recorded', { error });
  }
}

function isRunning(running: ReadonlyMap<WebhookStateRow, unknown>, state: WebhookStateRow): boolean {
  return [...running.keys()].some(
    ({ user_key, webhook_key }) => user_key === state.user_key && webhook_key === state.webhook_key,
  );
}
