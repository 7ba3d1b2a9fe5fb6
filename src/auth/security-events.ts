import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService, type Action, type JournalEvent } from '../audit/journal.service';
import type { AuthenticatedRequest } from '../platform/access/access.decorators';
import type { RequestOrigin } from '../platform/access/caller';
import type { Permission } from '../platform/access/permission';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidText } from '../platform/ids/uuid';
import { AuthMetrics } from './auth-metrics';
import type { UserRow } from './domain/user.entity';

/** Details of an event in addition to its account. */
export interface EventFacts {
  origin?: RequestOrigin | undefined;
  /** Who did it, when it was not the account itself; null: the service, or a stranger. */
  actorKey?: number | null;
  details?: JournalEvent['details'];
}

/** Notes in the journal what happens to accounts, inside a change's transaction or, where nothing changes, in its own. */
@Injectable()
export class SecurityEvents {
  constructor(
    private readonly journal: JournalService,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly metrics: AuthMetrics,
  ) {}

  /** Appends an event about an account inside the caller's write; returns its number. */
  append(
    em: EntityManager,
    action: Action,
    user: Pick<UserRow, 'key' | 'id'>,
    { origin, actorKey = user.key, details }: EventFacts,
  ): Promise<number> {
    this.metrics.noted(action);
    return this.journal.append(em, {
      action,
      at: this.clock.now(),
      userKey: user.key,
      actorKey,
      subjectId: uuidText(user.id),
      ...(origin && { origin }),
      ...(details && { details }),
    });
  }

  /** Appends an event in a transaction of its own; `user` undefined: for an unknown account. */
  async note(
    action: Action,
    user: Pick<UserRow, 'key' | 'id'> | undefined,
    facts: EventFacts,
  ): Promise<void> {
    await this.unitOfWork.write((em) => {
      if (user) return this.append(em, action, user, facts);
      const { origin, details } = facts;
      this.metrics.noted(action);
      return this.journal.append(em, {
        action,
        at: this.clock.now(),
        userKey: null,
        actorKey: null,
        subjectId: null,
        ...(origin && { origin }),
        ...(details && { details }),
      });
    });
  }

  /** Notes that somebody who is signed in asked for what the role, or the API token, does not allow. */
  async refused(
    { key, id }: NonNullable<AuthenticatedRequest['user']>,
    request: AuthenticatedRequest,
    permission: Permission,
  ): Promise<void> {
    const route = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
    await this.unitOfWork.write((em) =>
      this.journal.append(em, {
        action: 'user.access_refused',
        at: this.clock.now(),
        userKey: key,
        actorKey: key,
        subjectId: id,
        origin: { requestId: request.id, ip: request.ip },
        details: { route, permission },
      }),
    );
  }
}
