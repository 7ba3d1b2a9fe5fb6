import { uuidv7 } from '../ids/uuid';

// Printable, short, and nothing that could break a log line or a header.
const SANE = /^[A-Za-z0-9._:+/=@-]{1,64}$/;

/** The client's request id when it is sane (1 to 64 harmless characters), else a new UUIDv7. */
export function requestId(header: string | string[] | undefined, nowMs: number): string {
  return typeof header === 'string' && SANE.test(header) ? header : uuidv7(nowMs);
}
