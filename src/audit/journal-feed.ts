import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidText } from '../platform/ids/uuid';
import { ACTION_CODES, type Action } from './domain/actions';
import { JournalFeedStore, type FedRow, type FeedPart } from './journal-feed.store';

export type { FeedPart };

/** An event as followers of the journal read it: without the origin of the request. */
export interface FedEvent {
  seq: number;
  /** Milliseconds since the epoch. */
  at: number;
  action: Action;
  subjectId: string | null;
  version: number | null;
  /** Null for the service itself and for deleted accounts. */
  actorId: string | null;
  details: Readonly<Record<string, unknown>> | null;
}

const NAMES = new Map<number, Action>(
  (Object.entries(ACTION_CODES) as Array<[Action, number]>).map(([name, code]) => [code, name]),
);

/**
 * The journal for parts of the service that follow it by its numbers. They read up to `settledUpTo`: on PostgreSQL,
 * numbers are committed out of order, and an event with a lower number may still appear above it.
 */
@Injectable()
export class JournalFeed {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: JournalFeedStore,
  ) {}

  /** The number up to which no event can appear any more. */
  settledUpTo(): Promise<number> {
    return this.unitOfWork.settledUpTo('journal', 'seq');
  }

  /** The number of the newest committed event; 0 without events. */
  newest(em: EntityManager): Promise<number> {
    return this.store.newest(em);
  }

  /** Who owns the events of these actions in a part of the journal; null: the service itself. */
  owners(em: EntityManager, part: FeedPart, actions: readonly Action[]): Promise<Array<number | null>> {
    const codes = actions.map((action) => ACTION_CODES[action]);
    return this.store.owners(em, part, codes);
  }

  /** The first `limit` events of one owner in a part of the journal, oldest first; `userKey` null: of the service itself. */
  async events(
    em: EntityManager,
    userKey: number | null,
    part: FeedPart,
    limit: number,
  ): Promise<FedEvent[]> {
    return (await this.store.events(em, userKey, part, limit)).map(eventOf);
  }

  /** One event of an owner; undefined if it is not there any more. */
  async find(em: EntityManager, userKey: number | null, seq: number): Promise<FedEvent | undefined> {
    const row = await this.store.find(em, userKey, seq);
    return row && eventOf(row);
  }
}

function eventOf(row: FedRow): FedEvent {
  return {
    seq: row.seq,
    at: row.at,
    // Written by this version or an older one; a number of a newer one matches no follower.
    action: NAMES.get(row.action) ?? ('unknown' as Action),
    subjectId: row.subject_id && uuidText(row.subject_id),
    version: row.version,
    actorId: row.actor_id && uuidText(row.actor_id),
    details: row.details === null ? null : (JSON.parse(row.details) as Record<string, unknown>),
  };
}
