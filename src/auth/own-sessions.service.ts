import { Injectable } from '@nestjs/common';
import type { RequestCaller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { notFound } from '../platform/errors/app-error';
import { isUuid, uuidBytes, uuidText } from '../platform/ids/uuid';
import type { SessionRow } from './domain/session.entity';
import { SecurityEvents } from './security-events';
import { SessionsStore } from './sessions.store';
import { Tokens } from './tokens';

/** A session as its owner sees it. Times in ms since the epoch. */
export interface OwnSession {
  id: string;
  createdAt: number;
  /** When it was renewed last; a page that is open renews it every half hour. */
  renewedAt: number;
  expiresAt: number;
  ip: string;
}

/** Lists the sessions of an account and ends them. Nothing here gives access to a session. */
@Injectable()
export class OwnSessionsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: SessionsStore,
    private readonly events: SecurityEvents,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
  ) {}

  /** The caller's open sessions, the newest first, with their number. */
  list({ key }: RequestCaller, limit: number, skip: number): Promise<{ items: OwnSession[]; total: number }> {
    const now = this.clock.now();
    return this.unitOfWork.read(async (em) => ({
      items: (await this.store.open(em, key, now, { limit, skip })).map((row) => this.sessionOf(row)),
      total: await this.store.countOpen(em, key, now),
    }));
  }

  /** Ends one session; 404 for a session of another user. Takes effect with the next request. */
  async end(caller: RequestCaller, id: string): Promise<void> {
    if (!isUuid(id)) throw notFound('session');
    const bytes = uuidBytes(id);
    await this.unitOfWork.write(async (em) => {
      if (!(await this.store.remove(em, caller.key, bytes))) throw notFound('session');
      await this.note(em, caller, { session_id: uuidText(bytes) });
    });
  }

  /** Ends all sessions of the caller except for `kept`, the session of the request. */
  async endOthers(caller: RequestCaller, kept: Buffer): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      const ended = await this.store.removeOthers(em, caller.key, kept);
      if (ended > 0) await this.note(em, caller, { others: ended });
    });
  }

  private note(
    em: Parameters<SecurityEvents['append']>[0],
    { key, id, origin }: RequestCaller,
    details: Record<string, string | number>,
  ): Promise<number> {
    return this.events.append(em, 'user.session_ended', { key, id: uuidBytes(id) }, { origin, details });
  }

  private sessionOf({ id, created_at, expires_at, ip }: SessionRow): OwnSession {
    // A refresh sets the end to its own time plus a fixed life.
    const renewedAt = Math.max(created_at, expires_at - this.tokens.refreshLifeMs);
    return { id: uuidText(id), createdAt: created_at, renewedAt, expiresAt: expires_at, ip };
  }
}
