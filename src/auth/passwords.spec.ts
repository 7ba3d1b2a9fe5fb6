import { createRequire } from 'node:module';
import type * as Argon2 from '@node-rs/argon2';
import { AppError } from '../platform/errors/app-error';
import { PasswordCost, Passwords } from './passwords';

/** The module itself, as `Passwords` uses it. */
const argon2 = createRequire(__filename)('@node-rs/argon2') as typeof Argon2;
const IP = '203.0.113.7';

describe('Passwords', () => {
  it('hashes with argon2id at the cost that OWASP asks for at least, if no other is given', async () => {
    const passwords = new Passwords(new PasswordCost());
    const stored = await passwords.hash('a password', IP);
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect([
      await passwords.matches(stored, 'a password', IP),
      await passwords.matches(stored, 'another', IP),
    ]).toEqual([true, false]);
  });

  it('answers false for an unknown user, whatever the password is', async () => {
    const passwords = new Passwords(new PasswordCost(8, 1, 1));
    expect(await passwords.matches(undefined, 'the password of no account', IP)).toBe(false);
  });

  it('refuses the hundred-and-third of one network at the same time, and goes on afterwards', async () => {
    const passwords = new Passwords(new PasswordCost(8, 1, 1));
    const all = await Promise.allSettled(Array.from({ length: 105 }, () => passwords.hash('a password', IP)));
    const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refused).toHaveLength(3);
    for (const reason of refused) expect(reason).toBeInstanceOf(AppError);
    expect((refused[0] as AppError).code).toBe('sign-in-busy');
    expect(await passwords.matches(await passwords.hash('later', IP), 'later', IP)).toBe(true);
  });

  it('lets other networks take turns with one that fills the queue', async () => {
    const passwords = new Passwords(new PasswordCost(8, 1, 1));
    // The order in which they begin: threads don't end in that order.
    const hash = jest.spyOn(argon2, 'hash');
    const crowd = Array.from({ length: 102 }, () => passwords.hash('of the crowd', IP));
    const other = passwords.hash('of another', '198.51.100.1');
    await Promise.all([...crowd, other]);
    expect(hash).toHaveBeenCalledTimes(103);
    // Two run already, and one of the crowd may be next.
    expect(hash.mock.calls.findIndex(([password]) => password === 'of another')).toBeLessThanOrEqual(3);
  });
});
