import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService } from '../../audit/journal.service';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { ANNOUNCED, type OperationalEvent, type OwnEvent } from './domain/event-types';

/** Something that webhooks tell about. */
export interface AnnouncedEvent {
  type: OperationalEvent | OwnEvent;
  /** Facts for the receiver. The audit log shows them, too: never a secret, content or an e-mail address. */
  data: Readonly<Record<string, string | number | boolean | null>>;
  /** Who may be told. */
  audience: 'operators' | { userKey: number };
}

/** Where other parts of the service announce events that no action of the journal stands for, such as alerts. */
@Injectable()
export class WebhookEvents {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /**
   * Records an event in the journal, from which webhooks are fed: it is sent if, and only if, this write is committed.
   * With `em` it is part of the caller's transaction. Returns the event's number.
   */
  announce(event: AnnouncedEvent, em?: EntityManager): Promise<number> {
    return em ? this.append(em, event) : this.unitOfWork.write((own) => this.append(own, event));
  }

  private append(em: EntityManager, { type, data, audience }: AnnouncedEvent): Promise<number> {
    return this.journal.append(em, {
      action: ANNOUNCED,
      at: this.clock.now(),
      userKey: audience === 'operators' ? null : audience.userKey,
      actorKey: null,
      subjectId: null,
      details: { ...data, type },
    });
  }
}
