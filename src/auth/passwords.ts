import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';

// argon2id is the package's default algorithm; memory, passes and lanes as OWASP's Password Storage Cheat Sheet
// asks at least: 19 MiB, 2, 1. Some 20 ms on one core, off the event loop.
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashes and checks passwords with argon2id, in the thread pool of libuv. */
@Injectable()
export class Passwords {
  // Checked in place of an unknown user's hash, so that both answers take the same time.
  private readonly nobody = hash('a password that nobody has', PARAMETERS);

  /** The PHC string to store. */
  hash(password: string): Promise<string> {
    return hash(password, PARAMETERS);
  }

  /** Whether the password fits; with no hash (unknown user) it does the same work and answers false. */
  async matches(stored: string | undefined, password: string): Promise<boolean> {
    const fits = await verify(stored ?? (await this.nobody), password);
    return stored !== undefined && fits;
  }
}
