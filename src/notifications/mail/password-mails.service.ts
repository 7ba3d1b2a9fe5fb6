import { Injectable } from '@nestjs/common';
import { AccountAddresses, type AddressedAccount } from '../../auth/account-addresses';
import { SignInThrottle } from '../../auth/sign-in-throttle';
import type { RequestOrigin } from '../../platform/access/caller';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { AppError } from '../../platform/errors/app-error';
import { MailQueue } from './mail-queue';
import { ResetRequestEvents } from './reset-request-events';

/** An account gets one link in this time, however often one is requested, ms. */
const ONE_LINK_MS = 5 * 60_000;
/** The mail of a request that belongs to no account. It is removed without being sent. */
const NO_ACCOUNT = 0;

/** Takes requests for links to set a new password. */
@Injectable()
export class PasswordMailsService {
  constructor(
    private readonly queue: MailQueue,
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: AccountAddresses,
    private readonly throttle: SignInThrottle,
    private readonly events: ResetRequestEvents,
    private readonly clock: Clock,
  ) {}

  /**
   * Has a link sent to the owner of the address, if there is an account. Every request costs the same look-up and the
   * same single write, so the answer and its time do not say whether there is one. 422 if no mail is sent here, 429
   * for a network with too many attempts.
   */
  async request(email: string, origin: RequestOrigin): Promise<void> {
    if (!this.queue.isSetUp) throw mailNotSetUp();
    this.throttle.takeNetwork(undefined, origin);
    const account = await this.unitOfWork.write(async (em) => {
      const found = await this.accounts.byEmail(em, email);
      const since = this.clock.now() - ONE_LINK_MS;
      const hasLink = await this.accounts.hasOpenLink(em, found?.key ?? NO_ACCOUNT, since);
      const userKey = found && !hasLink ? found.key : NO_ACCOUNT;
      await this.queue.put(em, { kind: 'password-reset', userKey });
      return found;
    });
    this.follow(account, origin);
  }

  /** Not awaited: how long the answer takes must not say whether there is an account. */
  private follow(account: AddressedAccount | undefined, origin: RequestOrigin): void {
    this.events.note(account, origin);
    this.queue.sendSoon();
  }
}

function mailNotSetUp(): AppError {
  const sentence = 'This installation sends no mail. Ask an administrator for a link to set a new password.';
  return new AppError('unprocessable', 'mail-not-set-up', sentence);
}
