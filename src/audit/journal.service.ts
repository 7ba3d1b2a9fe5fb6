import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestOrigin } from '../platform/access/caller';
import { uuidBytes, uuidText } from '../platform/ids/uuid';
import { Metrics } from '../platform/metrics/metrics';
import { ACTION_CODES, type Action } from './domain/actions';
import { packRequestId } from './domain/request-id';
import { JournalStore } from './journal.store';

export type { Action };

/** An event to record. */
export interface JournalEvent {
  action: Action;
  /** Milliseconds since the epoch, from Clock. */
  at: number;
  /** Owner of the data. */
  userKey: number | null;
  actorKey: number | null;
  /** UUID of the subject. */
  subjectId: string | null;
  version?: number;
  origin?: RequestOrigin;
  /** Never a secret, never content, never an e-mail address. */
  details?: Readonly<Record<string, string | number | boolean | null>>;
}

/** The subject of an event: the 16 bytes of its UUID, and its owner. */
export interface Subject {
  userKey: number;
  action: Action;
  subjectId: Buffer;
}

/**
 * The journal: one event per change, written in the transaction of the change, so that neither exists without the
 * other. The audit log shows this journal.
 */
@Injectable()
export class JournalService {
  constructor(
    private readonly store: JournalStore,
    private readonly metrics: Metrics,
  ) {}

  /** Appends an event in the caller's transaction and returns its sequence number, which the changed row stores. */
  append(em: EntityManager, event: JournalEvent): Promise<number> {
    this.metrics.events.inc({ action: event.action });
    return this.store.append(em, {
      at: event.at,
      user_key: event.userKey,
      actor_key: event.actorKey,
      action: ACTION_CODES[event.action],
      subject_id: event.subjectId === null ? null : uuidBytes(event.subjectId),
      version: event.version ?? null,
      request_id: event.origin ? packRequestId(event.origin.requestId) : null,
      ip: event.origin?.ip ?? null,
      details: detailsOf(event),
    });
  }

  /** Owner and subject of the given actions recorded after `seq`. */
  async subjectsAfter(em: EntityManager, seq: number, actions: readonly Action[]): Promise<Subject[]> {
    const codes: number[] = actions.map((action) => ACTION_CODES[action]);
    return (await this.store.subjectsAfter(em, seq, codes)).map(({ user_key, action, subject_id }) => ({
      userKey: user_key,
      action: actions[codes.indexOf(action)]!,
      subjectId: subject_id,
    }));
  }

  /** Sequence numbers of the oldest and the newest event; 0 if there is none. */
  async seqRange(em: EntityManager): Promise<{ oldest: number; newest: number }> {
    const { oldest, newest } = await this.store.seqRange(em);
    return { oldest: oldest ?? 0, newest: newest ?? 0 };
  }

  /** When the newest event happened, ms since the epoch; undefined if there is none. */
  newestAt(em: EntityManager): Promise<number | undefined> {
    return this.store.newestAt(em);
  }

  /**
   * Appends the event that creates an account. The event's number becomes the account's key: the account owns the
   * event, and is its actor if the event came over HTTP.
   */
  async appendFirst(em: EntityManager, event: Omit<JournalEvent, 'userKey' | 'actorKey'>): Promise<number> {
    const seq = await this.append(em, { ...event, userKey: null, actorKey: null });
    await this.store.setOwner(em, seq, event.origin ? seq : null);
    return seq;
  }

  /** UUIDs of the subjects of an action after `since` (ms), of one user's events. */
  async subjectsSince(em: EntityManager, userKey: number, action: Action, since: number): Promise<string[]> {
    return (await this.store.subjectsSince(em, userKey, ACTION_CODES[action], since)).map(uuidText);
  }
}

/** An event by a program names the API token, so that its owner can tell which program did it. */
function detailsOf({ details, origin }: JournalEvent): string | null {
  if (origin?.tokenId === undefined) return details ? JSON.stringify(details) : null;
  return JSON.stringify({ ...details, token_id: origin.tokenId });
}
