import { Injectable } from '@nestjs/common';
import { EventListeners } from '../events/event-listeners';
import { OnAccountRemoved, type AccountRemoval, type RemovedAccount } from './on-account-removed.decorator';

/** Lets every feature remove its rows of a deleted account. */
@Injectable()
export class AccountRemovals {
  constructor(private readonly listeners: EventListeners) {}

  /** Calls the methods marked with `@OnAccountRemoved()`, one after the other. */
  async run(account: RemovedAccount, signal: AbortSignal): Promise<void> {
    for (const remove of this.listeners.of<AccountRemoval>(OnAccountRemoved)) await remove(account, signal);
  }
}
