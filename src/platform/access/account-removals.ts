import { Injectable } from '@nestjs/common';

/** Whose rows are to go. */
export interface RemovedAccount {
  key: number;
  id: string;
}

/** Removes a feature's rows of an account, in batches; returns when all are gone. May be called again for the same one. */
export type AccountRemoval = (account: RemovedAccount, signal: AbortSignal) => Promise<void>;

/** What the features do when an account is deleted. The accounts don't know them; they make themselves known here. */
@Injectable()
export class AccountRemovals {
  private readonly removals: AccountRemoval[] = [];

  add(removal: AccountRemoval): void {
    this.removals.push(removal);
  }

  /** Lets every feature remove its rows, one after the other. */
  async run(account: RemovedAccount, signal: AbortSignal): Promise<void> {
    for (const remove of this.removals) await remove(account, signal);
  }
}
