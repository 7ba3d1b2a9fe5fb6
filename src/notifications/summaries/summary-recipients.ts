import { Injectable } from '@nestjs/common';
import { AccountAddresses, type AddressedAccount } from '../../auth/account-addresses';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { SummariesStore } from './summaries.store';

/** Finds who gets a summary that is about to be sent. */
@Injectable()
export class SummaryRecipients {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: SummariesStore,
    private readonly accounts: AccountAddresses,
  ) {}

  /** Undefined for an account that is disabled or deleted, or wants no summaries any longer. */
  find(userKey: number): Promise<AddressedAccount | undefined> {
    return this.unitOfWork.read(async (em) => {
      const setting = await this.store.find(em, userKey);
      return setting?.enabled === 1 ? this.accounts.byKey(em, userKey) : undefined;
    });
  }
}
