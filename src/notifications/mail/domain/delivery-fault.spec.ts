import { failureCode, faultOf } from './delivery-fault';
import { MAIL_KINDS, TRIED_FOR_MS, retryDelayMs } from './mail-kinds';

it.each([
  [{ code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO' }, 'refused'],
  [{ code: 'EMESSAGE', responseCode: 554, command: 'DATA' }, 'refused'],
  [{ code: 'EENVELOPE', responseCode: 450, command: 'RCPT TO' }, 'deferred'],
  [{ code: 'EMESSAGE', responseCode: 452, command: 'DATA' }, 'deferred'],
  [{ code: 'EMESSAGE' }, 'deferred'],
  [{ code: 'EENVELOPE', responseCode: 550, command: 'MAIL FROM' }, 'server'],
  [{ code: 'EENVELOPE', responseCode: 421, command: 'RCPT TO' }, 'server'],
  [{ code: 'EAUTH', responseCode: 535 }, 'server'],
  [{ code: 'ECONNECTION' }, 'server'],
  [{}, 'server'],
])('%j is %s', (failure, fault) => expect(faultOf(failure)).toBe(fault));

it('a code for the log never holds what the server wrote', () => {
  expect(failureCode({ code: 'EENVELOPE', responseCode: 550 })).toBe('EENVELOPE 550');
  expect(failureCode({ code: '550 unknown ada@example.org' })).toBe('UNKNOWN');
});

it('delays grow up to an hour, and each kind is tried several times', () => {
  const delays = Array.from({ length: 12 }, (_, failures) => retryDelayMs(failures));
  expect(delays).toEqual([...delays].sort((a, b) => a - b));
  expect(delays.at(-1)).toBe(3_600_000);
  for (const kind of MAIL_KINDS) expect(TRIED_FOR_MS[kind]).toBeGreaterThan(5 * retryDelayMs(1));
});
