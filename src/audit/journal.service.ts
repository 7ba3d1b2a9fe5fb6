import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestOrigin } from '../platform/access/caller';
import { uuidBytes, uuidText } from '../platform/ids/uuid';
import { Metrics } from '../platform/metrics/metrics';
import { ACTION_CODES, type Action } from './domain/actions';
import { packRequestId } from './domain/request-id';
import { JournalStore } from './journal.store';

export type { Action };

/** One thing that happened. */
export interface JournalEvent {
  action: Action;
  /** Milliseconds since the epoch, from Clock. */
  at: number;
  /** Whose data it is about. */
  userKey: number | null;
  actorKey: number | null;
  /** The UUID of what it is about. */
  subjectId: string | null;
  version?: number;
  origin?: RequestOrigin;
  /** Never a secret, never content, never an e-mail address. */
  details?: Readonly<Record<string, string | number | boolean | null>>;
}

/** What an event was about: the 16 bytes of its UUID, and whose it was. */
export interface Subject {
  userKey: number;
  action: Action;
  subjectId: Buffer;
}

/**
 * The journal: one event for each change, written in the change's own transaction, so that neither can be there
 * without the other. The audit log is this journal read by people.
 */
@Injectable()
export class JournalService {
  constructor(
    private readonly store: JournalStore,
    private readonly metrics: Metrics,
  ) {}

  /** Appends an event inside the caller's write and returns its sequence number, which the changed row keeps. */
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
      details: event.details ? JSON.stringify(event.details) : null,
    });
  }

  /** What some actions were about after the event `seq`, and whose it was. */
  async subjectsAfter(em: EntityManager, seq: number, actions: readonly Action[]): Promise<Subject[]> {
    const codes: number[] = actions.map((action) => ACTION_CODES[action]);
    return (await this.store.subjectsAfter(em, seq, codes)).map(({ user_key, action, subject_id }) => ({
      userKey: user_key,
      action: actions[codes.indexOf(action)]!,
      subjectId: subject_id,
    }));
  }

  /** The numbers of the oldest and the newest event; 0 where there is none. */
  async seqRange(em: EntityManager): Promise<{ oldest: number; newest: number }> {
    const { oldest, newest } = await this.store.seqRange(em);
    return { oldest: oldest ?? 0, newest: newest ?? 0 };
  }

  /** When the newest event happened, ms since the epoch; undefined when there is none. */
  newestAt(em: EntityManager): Promise<number | undefined> {
    return this.store.newestAt(em);
  }

  /**
   * Appends the event that makes an account, whose key is the event's own number: it is about that account's data,
   * and was done by it when it came over HTTP.
   */
  async appendFirst(em: EntityManager, event: Omit<JournalEvent, 'userKey' | 'actorKey'>): Promise<number> {
    const seq = await this.append(em, { ...event, userKey: null, actorKey: null });
    await this.store.setOwner(em, seq, event.origin ? seq : null);
    return seq;
  }

  /** The UUIDs that an action was about after `since` (ms), of one user's events. */
  async subjectsSince(em: EntityManager, userKey: number, action: Action, since: number): Promise<string[]> {
    return (await this.store.subjectsSince(em, userKey, ACTION_CODES[action], since)).map(uuidText);
  }
}
