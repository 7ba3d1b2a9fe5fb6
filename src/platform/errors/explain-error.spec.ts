import { readFileSync } from 'node:fs';
import { diskFull } from '../database/disk-reserve';
import { unavailable } from './app-error';
import { explainError } from './explain-error';
import { OperatorError } from './operator-error';

const failure = (code: string, path?: string) => Object.assign(new Error('of the system'), { code, path });

it('says what an operator can do, with the code and the path', () => {
  expect(explainError(failure('EROFS', '/data/x'))).toMatch(/read-only.*\(EROFS, \/data\/x\)$/);
  expect(explainError(failure('SQLITE_FULL'))).toMatch(/^The disk is full.*\(SQLITE_FULL\)$/);
  expect(explainError(failure('EMFILE', '/data/x'))).toContain('ulimit -n');
  expect(explainError(new OperatorError('Do this.'))).toBe('Do this.');
});

it('explains every error of the system that names a path, whatever its code is', () => {
  for (const code of ['EXDEV', 'EBUSY', 'EIO', 'ENOTSUP', 'EINVAL', 'ENXIO', 'EDEADLK'])
    expect(explainError(failure(code, '/data/x'))).toMatch(
      new RegExp(`cannot be used.*\\(${code}, /data/x\\)$`),
    );
});

it('explains a folder in the place of a file, which the system names no path for', () => {
  const thrown = () => readFileSync('/', 'utf8');
  expect(thrown).toThrow('EISDIR');
  try {
    thrown();
  } catch (error) {
    expect(explainError(error)).toMatch(/cannot be used.*\(EISDIR\)$/);
  }
});

it('shortens a path that fills the terminal', () => {
  const sentence = explainError(failure('ENAMETOOLONG', `/${'a'.repeat(5_000)}`))!;
  expect(sentence).toContain('too long');
  expect(sentence.length).toBeLessThan(500);
});

it('says at a start that the disk is full, and not what a running service can still do', () => {
  expect(explainError(diskFull())).toMatch(/^The disk is full\. Make room/);
});

it('explains what the driver of PostgreSQL says without a code', () => {
  const said = (message: string) => explainError(new Error(message));
  expect(said('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string')).toContain('password');
  expect(said('The server does not support SSL connections')).toContain('sslmode');
  expect(explainError(failure('SELF_SIGNED_CERT_IN_CHAIN'))).toContain('sslrootcert');
  expect(said('Connection terminated unexpectedly')).toContain('cannot be reached');
});

it('looks for the reason within a general error, and says the general sentence without one', () => {
  expect(explainError(unavailable('database', failure('ECONNREFUSED')))).toContain('cannot be reached');
  expect(explainError(unavailable('database'))).toBe(
    'The database is not available. Nothing was written. Try again shortly.',
  );
});

it('leaves what only a developer understands to its stack', () => {
  expect(explainError(new TypeError('x is undefined'))).toBeUndefined();
  expect(explainError(failure('ERR_INVALID_ARG_TYPE', '/data/x'))).toBeUndefined();
  expect(explainError('no error at all')).toBeUndefined();
});
