import { Injectable } from '@nestjs/common';
import { JournalService } from '../audit/journal.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { Log, type LogLevel } from '../platform/logging/log';

/** Changes the log level of this process and records it, because lowering it could hide something. */
@Injectable()
export class LogLevelService {
  constructor(
    private readonly log: Log,
    private readonly journal: JournalService,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  async set(caller: Caller, level: LogLevel): Promise<void> {
    const event = {
      action: 'service.log_level_changed',
      at: this.clock.now(),
      userKey: null,
      actorKey: caller.key,
      subjectId: null,
      origin: caller.origin,
      details: { from: this.log.level, to: level },
    } as const;
    await this.unitOfWork.write((em) => this.journal.append(em, event));
    this.log.level = level;
    this.log.warn('log level changed', { log_level: level });
  }
}
