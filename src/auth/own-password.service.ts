import { Injectable } from '@nestjs/common';
import type { RequestCaller } from '../platform/access/caller';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError, notFound } from '../platform/errors/app-error';
import { uuidBytes } from '../platform/ids/uuid';
import { PasswordChangesService } from './password-changes.service';
import { Passwords } from './passwords';
import { SecurityEvents } from './security-events';
import { SignInThrottle } from './sign-in-throttle';
import { UsersStore } from './users.store';

/** Changes the password of the signed-in user. */
@Injectable()
export class OwnPasswordService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersStore,
    private readonly passwords: Passwords,
    private readonly changes: PasswordChangesService,
    private readonly throttle: SignInThrottle,
    private readonly events: SecurityEvents,
  ) {}

  /** 403 for a wrong current password: the session is valid, the password is not. 429 after too many of them. */
  async change(caller: RequestCaller, current: string, next: string): Promise<void> {
    const user = await this.unitOfWork.read((em) => this.users.byId(em, uuidBytes(caller.id)));
    if (!user) throw notFound('user');
    const { origin } = caller;
    this.throttle.takeCurrentPassword(user, origin);
    if (!(await this.passwords.matches(user.password_hash, current, origin.ip))) {
      await this.events.note('user.password_refused', user, { origin });
      throw new AppError('forbidden', 'wrong-password', 'The current password is wrong.');
    }
    this.throttle.forgiveCurrentPassword(user);
    const changed = await this.changes.prepare(user, next, origin);
    await this.unitOfWork.write((em) => this.changes.apply(em, changed, 'user.password_changed', origin));
  }
}
