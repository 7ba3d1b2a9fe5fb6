import { Injectable } from '@nestjs/common';
import { AccountRemovals } from '../platform/access/account-removals';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidText } from '../platform/ids/uuid';
import type { RunLease } from '../platform/jobs/job';
import { SecurityEvents } from './security-events';
import { UsersStore } from './users.store';

/** Most accounts removed by one run; the next run takes the others. */
const ACCOUNTS_A_RUN = 100;

/** Removes the rows of accounts that were deleted. Their data keys are destroyed already. */
@Injectable()
export class DeletedAccountsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersStore,
    private readonly removals: AccountRemovals,
    private readonly events: SecurityEvents,
  ) {}

  /** Lets each feature remove its rows, then removes the account. Returns the number of accounts. */
  async removeRows(signal: AbortSignal, lease: RunLease): Promise<number> {
    const deleted = await this.unitOfWork.read((em) => this.users.deleted(em, ACCOUNTS_A_RUN));
    for (const { key, id } of deleted) {
      signal.throwIfAborted();
      await this.removals.run({ key, id: uuidText(id) }, signal);
      await this.unitOfWork.write(async (em) => {
        await lease.guard(em);
        await this.events.append(em, 'user.data_removed', { key, id }, { actorKey: null });
        await this.users.remove(em, key);
      });
    }
    return deleted.length;
  }
}
