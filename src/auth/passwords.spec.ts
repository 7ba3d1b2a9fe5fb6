import { AppError } from '../platform/errors/app-error';
import { PasswordCost, Passwords } from './passwords';

describe('Passwords', () => {
  it('hashes with argon2id at the cost that OWASP asks for at least, if no other is given', async () => {
    const passwords = new Passwords(new PasswordCost());
    const stored = await passwords.hash('a password');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect([
      await passwords.matches(stored, 'a password'),
      await passwords.matches(stored, 'another'),
    ]).toEqual([true, false]);
  });

  it('answers false for an unknown user, whatever the password is', async () => {
    const passwords = new Passwords(new PasswordCost(8, 1, 1));
    expect(await passwords.matches(undefined, 'the password of no account')).toBe(false);
  });

  it('sends away who would be the hundred-and-third at the same time, and goes on afterwards', async () => {
    const passwords = new Passwords(new PasswordCost(8, 1, 1));
    const all = await Promise.allSettled(Array.from({ length: 105 }, () => passwords.hash('a password')));
    const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refused).toHaveLength(3);
    for (const reason of refused) expect(reason).toBeInstanceOf(AppError);
    expect((refused[0] as AppError).code).toBe('sign-in-busy');
    expect(await passwords.matches(await passwords.hash('later'), 'later')).toBe(true);
  });
});
