import { Injectable } from '@nestjs/common';
import { UsageService } from '../usage/usage.service';
import { OnAccountRemoved, type RemovedAccount } from '../platform/access/on-account-removed.decorator';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { GraphPurgeService } from './upkeep/graph-purge.service';
import { GraphTaskStore } from './upkeep/graph-task.store';
import { GraphsStore } from './graphs.store';
import { IdempotencyStore } from './idempotency.store';

/** Graphs read at a time. */
const BATCH = 200;

/**
 * Removes the graphs of a deleted account in steps. Their bytes are unreadable by then, because the key is
 * destroyed.
 */
@Injectable()
export class AccountGraphs {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly graphs: GraphsStore,
    private readonly purges: GraphPurgeService,
    private readonly idempotency: IdempotencyStore,
    private readonly tasks: GraphTaskStore,
    private readonly usage: UsageService,
  ) {}

  @OnAccountRemoved()
  async remove({ key: userKey }: RemovedAccount, signal: AbortSignal): Promise<void> {
    const untilAborted = { guard: () => Promise.resolve(signal.throwIfAborted()) };
    await this.purges.finishInterrupted(untilAborted, userKey);
    for (;;) {
      const rows = await this.unitOfWork.read((em) => this.graphs.keysOf(em, userKey, BATCH));
      if (rows.length === 0) break;
      for (const { key } of rows) {
        signal.throwIfAborted();
        const place = { user_key: userKey, graph_key: key };
        const begun = await this.unitOfWork.write(async (em) => {
          const headBytes = await this.graphs.removeOfAccount(em, userKey, key);
          // Retention may have removed it first.
          return headBytes === undefined ? null : this.purges.begin(em, place, headBytes);
        });
        if (begun) await this.purges.finish(place, begun, untilAborted);
      }
    }
    await this.unitOfWork.write(async (em) => {
      await this.idempotency.removeAll(em, userKey);
      await this.tasks.removeOfUser(em, userKey);
      await this.usage.forget(em, userKey);
    });
  }
}
