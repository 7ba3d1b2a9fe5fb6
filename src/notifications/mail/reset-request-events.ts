import { Injectable } from '@nestjs/common';
import type { AddressedAccount } from '../../auth/account-addresses';
import { SecurityEvents } from '../../auth/security-events';
import type { RequestOrigin } from '../../platform/access/caller';
import { Log } from '../../platform/logging/log';

/** Records who asked for links to set a password, counted per account and network like refused attempts. */
@Injectable()
export class ResetRequestEvents {
  constructor(
    private readonly events: SecurityEvents,
    private readonly log: Log,
  ) {}

  /** Returns at once. `account` undefined: the address belongs to none. */
  note(account: AddressedAccount | undefined, origin: RequestOrigin): void {
    this.events
      .note('user.password_reset_requested', account, { origin, actorKey: null })
      .catch((error: unknown) =>
        this.log.error('a request for a password link could not be recorded', { error }),
      );
  }
}
