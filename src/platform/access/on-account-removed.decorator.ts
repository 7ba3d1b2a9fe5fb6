import { DiscoveryService } from '@nestjs/core';

/** An account whose rows are being removed. */
export interface RemovedAccount {
  key: number;
  id: string;
}

/**
 * Removes a feature's rows of an account in batches; resolves when none is left. Can be called again for the same
 * account. Throws `signal.reason` soon after `signal` is aborted.
 */
export type AccountRemoval = (account: RemovedAccount, signal: AbortSignal) => Promise<void>;

/** Marks the method of a feature that removes its rows of a deleted account; an `AccountRemoval`. */
export const OnAccountRemoved = DiscoveryService.createDecorator();
