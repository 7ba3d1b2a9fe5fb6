import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { AppError } from '../platform/errors/app-error';
import { networkOf } from '../platform/http/network-of';
import { FairQueue, type Waiting } from '../platform/workers/fair-queue';

/**
 * The cost of one hash with argon2id, the package's default algorithm. The minimum of OWASP's Password Storage Cheat
 * Sheet, some 20 ms on one core: memory in KiB, passes, lanes. Only tests use less.
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
/** Most waiting hashes, of all networks and of one. More would wait for longer than some seconds, and are refused. */
const WAITING_MAX = 200;
const WAITING_OF_NETWORK_MAX = 100;

interface WaitingHash extends Waiting {
  begin(): void;
}

/** Hashes and checks passwords with argon2id, in the thread pool of libuv, two at a time. */
@Injectable()
export class Passwords {
  private readonly queue = new FairQueue<WaitingHash>({
    running: AT_ONCE,
    share: AT_ONCE,
    waiting: WAITING_MAX,
    waitingOfOwner: WAITING_OF_NETWORK_MAX,
  });
  // Checked in place of an unknown user's hash, so that both answers take the same time.
  private readonly unknownUser: Promise<string>;

  constructor(private readonly cost: PasswordCost) {
    this.unknownUser = hash('the password of no account', cost);
  }

  /** Returns the PHC string to store, for a client at `ip`. Throws 503 if too many wait. */
  hash(password: string, ip: string): Promise<string> {
    return this.inTurn(ip, () => hash(password, this.cost));
  }

  /** Whether the password matches. Without a hash (unknown user), does the same work and returns false. Throws like `hash`. */
  async matches(stored: string | undefined, password: string, ip: string): Promise<boolean> {
    const compared = stored ?? (await this.unknownUser);
    const fits = await this.inTurn(ip, () => verify(compared, password));
    return stored !== undefined && fits;
  }

  /** Networks take turns, so that a crowd from one of them does not delay the others. */
  private async inTurn<T>(ip: string, work: () => Promise<T>): Promise<T> {
    const owner = networkOf(ip);
    if (this.queue.admits(owner) !== 'yes') throw busy();
    let begin: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => (begin = resolve));
    const job = { owner, large: false, begin };
    this.queue.add(job);
    this.startNext();
    await turn;
    try {
      return await work();
    } finally {
      this.queue.done(job);
      this.startNext();
    }
  }

  private startNext(): void {
    for (let job = this.queue.take(); job; job = this.queue.take()) job.begin();
  }
}

function busy(): AppError {
  return new AppError('unavailable', 'sign-in-busy', 'Too many sign-ins at the moment. Try again shortly.', {
    retryAfter: 2,
  });
}
