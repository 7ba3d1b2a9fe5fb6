import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService, type Action } from '../audit/journal.service';
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

  /** Before the tool is written to: a push whose end cannot be recorded leaves a trace too. */
  started(em: EntityManager, caller: Caller, target: PushTarget): Promise<void> {
    return this.note(em, 'source.push_started', caller, target, target.item.remote_id);
  }

  pushed(em: EntityManager, caller: Caller, target: PushTarget, remoteId: string): Promise<void> {
    return this.note(em, 'source.pushed', caller, target, remoteId);
  }

  private async note(
    em: EntityManager,
    action: Action,
    { key, origin }: Caller,
    { source, item, version }: PushTarget,
    remoteId: string,
  ): Promise<void> {
    await this.journal.append(em, {
      action,
      at: this.clock.now(),
      userKey: key,
      actorKey: key,
      subjectId: uuidText(source.id),
      origin,
      details: { graph_id: item.graph_id && uuidText(item.graph_id), version, remote_id: remoteId },
    });
  }
}
