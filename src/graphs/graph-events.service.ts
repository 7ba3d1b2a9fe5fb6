import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService, type Action, type JournalEvent } from '../audit/journal.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { uuidText } from '../platform/ids/uuid';
import type { Change } from '../versions/versions.service';
import type { GraphRow } from './domain/graph.entity';

const ACTIONS: Readonly<Record<Change, Action>> = {
  created: 'graph.created',
  updated: 'graph.updated',
  deleted: 'graph.deleted',
  recovered: 'graph.recovered',
  restored: 'graph.restored',
  imported: 'graph.imported',
};

/** Appends events about graphs to the journal, inside the transaction of the change. Returns the event's number. */
@Injectable()
export class GraphEventsService {
  constructor(
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /** The time of events, ms since the epoch. */
  get now(): number {
    return this.clock.now();
  }

  /** A new version. `at` is the version's time, ms since the epoch. */
  version(
    em: EntityManager,
    caller: Caller,
    change: Change,
    { id, ...event }: { id: string; version: number; at: number; details?: JournalEvent['details'] },
  ): Promise<number> {
    return this.append(em, caller, { action: ACTIONS[change], subjectId: id, ...event });
  }

  /** Any other event about a graph, or about one of its versions, now. */
  other(em: EntityManager, caller: Caller, action: Action, row: GraphRow, version?: number): Promise<number> {
    const event = { action, subjectId: uuidText(row.id), at: this.clock.now() };
    return this.append(em, caller, version === undefined ? event : { ...event, version });
  }

  private append(
    em: EntityManager,
    { key, origin }: Caller,
    event: Omit<JournalEvent, 'userKey' | 'actorKey' | 'origin'>,
  ): Promise<number> {
    const { action, at, subjectId, version, details } = event;
    // Named one by one, so that no member of an event can say who did it. Without a request, the service itself did it.
    const actorKey = origin ? key : null;
    return this.journal.append(em, {
      userKey: key,
      actorKey,
      action,
      at,
      subjectId,
      version,
      origin,
      details,
    });
  }
}
