import { DiscoveryService } from '@nestjs/core';

/** An account whose rows are to be removed. */
export interface RemovedAccount {
  key: number;
  id: string;
}

/**
 * Removes a feature's rows of an account, in batches; resolves when all are gone. May be called again for the same
 * account. Throws `signal.reason` soon after `signal` is aborted.
 */
export type AccountRemoval = (account: RemovedAccount, signal: AbortSignal) => Promise<void>;

/** Marks the method with which a feature removes its rows of a deleted account; an `AccountRemoval`. */
export const OnAccountRemoved = DiscoveryService.createDecorator();
