import { Injectable } from '@nestjs/common';
import { JournalService } from '../audit/journal.service';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError } from '../platform/errors/app-error';
import { Log } from '../platform/logging/log';
import { Metrics } from '../platform/metrics/metrics';
import { CorruptVersionError } from './domain/corrupt-version.error';

const CODE = 'version-damaged';

/** Whether an error says that a version is damaged. */
export function isDamage(error: unknown): boolean {
  return error instanceof AppError && error.code === CODE;
}

/** Whose version could not be read. */
interface Where {
  userKey: number;
  graphId: string;
}

/** Sees to it that a version that does not read back is never silent: a log line, a journal event, a count, a clear answer. */
@Injectable()
export class DamagedVersions {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly journal: JournalService,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {}

  /** Runs a reading; damage becomes a 500 that names the version and not its content. */
  async watch<T>(where: Where, version: number, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof CorruptVersionError)) throw error;
      await this.report(where, error);
      throw new AppError(
        'internal',
        CODE,
        `Version ${version} of this graph is damaged in the database and cannot be read. Other versions may still be; the operator must look at it.`,
        { cause: error },
      );
    }
  }

  private async report({ userKey, graphId }: Where, error: CorruptVersionError): Promise<void> {
    const { version, at, reason } = error;
    this.metrics.damagedVersions.inc();
    this.log.error('a version is damaged', { graph_id: graphId, version, at, reason });
    const event = {
      action: 'version.damaged',
      at: this.clock.now(),
      userKey,
      actorKey: null,
      subjectId: graphId,
      version,
      details: { at, reason },
    } as const;
    await this.unitOfWork.write((em) => this.journal.append(em, event));
  }
}
