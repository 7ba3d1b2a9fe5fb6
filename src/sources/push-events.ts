import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService } from '../audit/journal.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { uuidText } from '../platform/ids/uuid';
import type { PushTarget } from './push-targets.service';

/** Journal events of pushes. */
@Injectable()
export class PushEvents {
  constructor(
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  async pushed(
    em: EntityManager,
    { key, origin }: Caller,
    { source, item, version }: PushTarget,
    remoteId: string,
  ): Promise<void> {
    await this.journal.append(em, {
      action: 'source.pushed',
      at: this.clock.now(),
      userKey: key,
      actorKey: key,
      subjectId: uuidText(source.id),
      origin,
      details: { graph_id: item.graph_id && uuidText(item.graph_id), version, remote_id: remoteId },
    });
  }
}
