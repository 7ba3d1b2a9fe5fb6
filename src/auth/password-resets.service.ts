import { Injectable } from '@nestjs/common';
import type { RequestOrigin } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError } from '../platform/errors/app-error';
import { isSecret } from './api-token';
import type { PasswordResetRow } from './domain/password-reset.entity';
import type { UserRow } from './domain/user.entity';
import { PasswordChangesService } from './password-changes.service';
import { PasswordResetsStore } from './password-resets.store';
import { parseResetToken, type ShownResetToken } from './reset-token';
import { SignInThrottle } from './sign-in-throttle';
import { UsersStore } from './users.store';

/** Sets a new password for the holder of a link. */
@Injectable()
export class PasswordResetsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersStore,
    private readonly resets: PasswordResetsStore,
    private readonly changes: PasswordChangesService,
    private readonly throttle: SignInThrottle,
    private readonly clock: Clock,
  ) {}

  /**
   * Sets a new password with the token of a link, which works once. 422 for a token that is unknown, used, replaced or
   * expired, 400 for a refused password, 429 for a network with too many attempts.
   */
  async confirm(token: string, password: string, origin: RequestOrigin): Promise<void> {
    this.throttle.takeNetwork(undefined, origin);
    const shown = parseResetToken(token);
    const open = shown && (await this.open(shown));
    if (!open) throw unusableLink();
    const changed = await this.changes.prepare(open.user, password, origin);
    await this.unitOfWork.write(async (em) => {
      if (!(await this.resets.spend(em, open.row))) throw unusableLink();
      await this.changes.apply(em, changed, 'user.password_reset', origin);
    });
  }

  private open({
    userId,
    secret,
  }: ShownResetToken): Promise<{ user: UserRow; row: PasswordResetRow } | undefined> {
    const now = this.clock.now();
    return this.unitOfWork.read(async (em) => {
      const user = await this.users.byId(em, userId);
      const row = user?.is_active === 1 ? await this.resets.find(em, user.key) : undefined;
      const lives = row !== undefined && row.expires_at > now && row.created_at <= now;
      return user && lives && isSecret(secret, row.secret_sha256) ? { user, row } : undefined;
    });
  }
}

function unusableLink(): AppError {
  return new AppError(
    'unprocessable',
    'reset-link-unusable',
    'The link is invalid, was already used, or has expired. Request a new one, or ask an administrator for it.',
  );
}
