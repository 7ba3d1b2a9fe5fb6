import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { AppError } from '../platform/errors/app-error';

// argon2id is the package's default algorithm; memory, passes and lanes as OWASP's Password Storage Cheat Sheet
// asks at least: 19 MiB, 2, 1. Some 20 ms on one core, off the event loop.
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
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
  private readonly nobody = hash('a password that nobody has', PARAMETERS);

  /** The PHC string to store. Throws 503 when too many wait. */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, PARAMETERS));
  }

  /** Whether the password fits; with no hash (unknown user) it does the same work and answers false. Throws as `hash`. */
  async matches(stored: string | undefined, password: string): Promise<boolean> {
    const compared = stored ?? (await this.nobody);
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
