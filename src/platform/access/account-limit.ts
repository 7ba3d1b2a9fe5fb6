import type { EntityManager } from 'typeorm';
import { TransactionLock } from '../database/transaction-lock';
import { AppError } from '../errors/app-error';

/** How many things of one kind an account can have, however many requests add some at the same time. */
export class AccountLimit {
  private readonly lock: TransactionLock;

  /** `kind`: in the plural, as errors name it. */
  constructor(
    private readonly kind: string,
    private readonly most: number,
  ) {
    this.lock = new TransactionLock(`${kind} of an account`);
  }

  /**
   * Throws a 409 if the account has as many as it can have. Call it first in the transaction that adds one: others that
   * add some wait until it ends. `count` reads how many there are.
   */
  async requireRoom(em: EntityManager, userKey: number, count: () => Promise<number>): Promise<void> {
    await this.lock.exclusive(em, userKey);
    if ((await count()) < this.most) return;
    throw new AppError(
      'conflict',
      `too-many-${this.kind}`,
      `An account can have ${this.most} ${this.kind}. Remove one first.`,
    );
  }
}
