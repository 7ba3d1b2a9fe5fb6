import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { JournalEventRow } from './journal-event.entity';
import type { SealRow } from './seal.entity';

/** Bytes of an event's tag: enough to find the position; the digest is the proof. */
const TAG_BYTES = 4;

/** Takes the place of a previous seal for the first one. */
export const NO_SEAL: Pick<SealRow, 'number' | 'to_seq' | 'digest'> = {
  number: 0,
  to_seq: 0,
  digest: Buffer.alloc(32),
};

/** The sealed fields of a range, in addition to its events. */
export type SealedRange = Pick<SealRow, 'number' | 'from_seq' | 'to_seq' | 'events' | 'made_at' | 'previous'>;

/** Reads the events of a range once, in order, and computes the fields of its seal. */
export class SealDigest {
  private readonly hash = createHash('sha256');
  private readonly tags: Buffer[] = [];
  private last = 0;
  first: number | null = null;

  constructor(private readonly key: Buffer) {}

  get events(): number {
    return this.tags.length;
  }

  /** The seq of the last event; 0 if there is none yet. */
  get lastSeq(): number {
    return this.last;
  }

  add(event: JournalEventRow): void {
    const bytes = eventBytes(event);
    this.hash.update(bytes);
    this.tags.push(Buffer.concat([varint(event.seq - this.last), tagOf(this.key, bytes)]));
    this.first ??= event.seq;
    this.last = event.seq;
  }

  /** The tags of all events, and the digest of the range. */
  finish(range: SealedRange): { tags: Buffer; digest: Buffer } {
    const tags = Buffer.concat(this.tags);
    return { tags, digest: digestOf(this.key, range, this.hash.digest(), tags) };
  }
}

/**
 * Reads the events of a range and compares them with its seal, without a tag for each event: the digest covers the
 * tags as they are stored. Costs a fifth of `SealDigest`, and says only whether something differs.
 */
export class SealCheck {
  private readonly hash = createHash('sha256');

  add(events: readonly JournalEventRow[]): void {
    this.hash.update(events.map(eventText).join(''));
  }

  /** Whether these are the events that were sealed, and the tags are the ones of the seal. */
  fits(key: Buffer, seal: SealRow): boolean {
    const tags = seal.tags ?? Buffer.alloc(0);
    return sameDigest(digestOf(key, seal, this.hash.digest(), tags), seal.digest);
  }
}

/** An event as its seal records it. */
export interface RememberedEvent {
  seq: number;
  tag: Buffer;
}

/** The events recorded in a seal's tags. If the tags themselves were changed, the list may end early. */
export function* rememberedEvents(tags: Buffer): Generator<RememberedEvent> {
  let seq = 0;
  for (let at = 0; at < tags.length;) {
    let delta = 0;
    for (let shift = 1; at < tags.length; shift *= 128) {
      const byte = tags[at]!;
      at += 1;
      delta += (byte & 127) * shift;
      if (byte < 128) break;
    }
    if (at + TAG_BYTES > tags.length) return;
    seq += delta;
    yield { seq, tag: tags.subarray(at, at + TAG_BYTES) };
    at += TAG_BYTES;
  }
}

/** Whether an event matches a tag; the chance of a false match is one in four billion. */
export function isTagged(key: Buffer, event: JournalEventRow, tag: Buffer): boolean {
  return tagOf(key, eventBytes(event)).equals(tag);
}

/** The proof that the service removed the events of a range at `expiredAt` (ms). */
export function expiryDigest(key: Buffer, { number, digest }: SealRow, expiredAt: number): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify(['expired', number, expiredAt]))
    .update(digest)
    .digest();
}

/** Compares two digests in constant time. */
export function sameDigest(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function digestOf(key: Buffer, range: SealedRange, events: Buffer, tags: Buffer): Buffer {
  const { number, from_seq, to_seq, events: count, made_at, previous } = range;
  return createHmac('sha256', key)
    .update(JSON.stringify(['seal', number, from_seq, to_seq, count, made_at]))
    .update(previous)
    .update(events)
    .update(createHash('sha256').update(tags).digest())
    .digest();
}

function tagOf(key: Buffer, bytes: Buffer): Buffer {
  return createHmac('sha256', key).update('event').update(bytes).digest().subarray(0, TAG_BYTES);
}

function eventBytes(event: JournalEventRow): Buffer {
  return Buffer.from(eventText(event));
}

// A JSON array and a line feed: two different events, and two different lists of events, never have the same
// bytes.
function eventText(event: JournalEventRow): string {
  const { seq, at, user_key, actor_key, action, subject_id, version, request_id, ip, details } = event;
  const fields = [
    seq,
    at,
    user_key,
    actor_key,
    action,
    hex(subject_id),
    version,
    hex(request_id),
    ip,
    details,
  ];
  return `${JSON.stringify(fields)}\n`;
}

function hex(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString('hex');
}

/** LEB128: seven bits per byte, lowest first. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}
