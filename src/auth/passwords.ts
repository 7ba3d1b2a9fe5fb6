import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { AppError } from '../platform/errors/app-error';

/**
 * The cost of one hash with argon2id, the package's default algorithm. The minimum of OWASP's Password Storage Cheat
 * Sheet, some 20 ms on one core: memory in KiB, passes, lanes. Only tests pass less.
 */
export class PasswordCost {
  constructor(
    readonly memoryCost = 19_456,
    readonly timeCost = 2,
    readonly parallelism = 1,
  ) {}
}

/** Hashes at a time: libuv's pool has four threads, and files and compression need some of them. */
const AT_ONCE = 2;
/** Who would wait longer than a second or two is sent away. */
const WAITING_MAX = 100;

/** Hashes and checks passwords with argon2id, in the thread pool of libuv, two at a time. */
@Injectable()
export class Passwords {
  private running = 0;
  private readonly waiting: Array<() => void> = [];
  // Checked in place of an unknown user's hash, so that both answers take the same time.
  private readonly unknownUser: Promise<string>;

  constructor(private readonly cost: PasswordCost) {
    this.unknownUser = hash('the password of no account', cost);
  }

  /** The PHC string to store. Throws 503 when too many wait. */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, this.cost));
  }

  /** Whether the password fits; with no hash (unknown user) it does the same work and answers false. Throws as `hash`. */
  async matches(stored: string | undefined, password: string): Promise<boolean> {
    const compared = stored ?? (await this.unknownUser);
    const fits = await this.inTurn(() => verify(compared, password));
    return stored !== undefined && fits;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting.length >= WAITING_MAX) throw busy();
    if (this.running >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await work();
    } finally {
      // The place goes to the next in the row, or is free.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}

function busy(): AppError {
  return new AppError('unavailable', 'sign-in-busy', 'Too many sign in at this moment; try again shortly.', {
    retryAfter: 2,
  });
}
