import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService, type Action, type JournalEvent } from '../audit/journal.service';
import type { AuthenticatedRequest } from '../platform/access/access.decorators';
import type { RequestOrigin } from '../platform/access/caller';
import type { Permission } from '../platform/access/permission';
import { Clock } from '../platform/clock/clock';
import { networkOf } from '../platform/http/network-of';
import { uuidText } from '../platform/ids/uuid';
import { AuthMetrics } from './auth-metrics';
import type { UserRow } from './domain/user.entity';
import { RefusedAttempts } from './refused-attempts';

/** Details of an event in addition to its account. */
export interface EventFacts {
  origin?: RequestOrigin | undefined;
  /** Who did it, if not the account itself; null: the service, or an unknown caller. */
  actorKey?: number | null;
  details?: JournalEvent['details'];
}

/** Records in the journal what happens to accounts: changes in their transaction, refused attempts by `RefusedAttempts`. */
@Injectable()
export class SecurityEvents {
  constructor(
    private readonly journal: JournalService,
    private readonly attempts: RefusedAttempts,
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

  /**
   * Records a refused attempt; `user` undefined: on an unknown account. Attempts with the same action, account, network,
   * details and `about` are counted together.
   */
  note(
    action: Action,
    user: Pick<UserRow, 'key' | 'id'> | undefined,
    { origin, actorKey = user?.key ?? null, details }: EventFacts,
    about = '',
  ): Promise<void> {
    this.metrics.noted(action);
    const key = JSON.stringify([action, user?.key, origin && networkOf(origin.ip), details, about]);
    return this.attempts.note(key, {
      action,
      userKey: user?.key ?? null,
      actorKey,
      subjectId: user ? uuidText(user.id) : null,
      ...(origin && { origin }),
      ...(details && { details }),
    });
  }

  /** Records that a signed-in user requested what the role, or the API token, does not allow. */
  refused(
    { key, id }: NonNullable<AuthenticatedRequest['user']>,
    request: AuthenticatedRequest,
    permission: Permission,
  ): Promise<void> {
    const route = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
    return this.attempts.note(JSON.stringify(['user.access_refused', key, request.ip, route, permission]), {
      action: 'user.access_refused',
      userKey: key,
      actorKey: key,
      subjectId: id,
      origin: { requestId: request.id, ip: request.ip },
      details: { route, permission },
    });
  }
}
