import { Injectable } from '@nestjs/common';
import { JournalService } from '../audit/journal.service';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError } from '../platform/errors/app-error';
import { Log } from '../platform/logging/log';
import { Metrics } from '../platform/metrics/metrics';
import { CorruptVersionError } from './domain/corrupt-version.error';

const CODE = 'version-damaged';

/** Whether an error reports a damaged version. */
export function isDamage(error: unknown): boolean {
  return error instanceof AppError && error.code === CODE;
}

/** Owner and graph of a version that could not be read. */
interface Where {
  userKey: number;
  graphId: string;
}

/** Reports every version that cannot be read back: a log line, a journal event, a metric and a clear error. */
@Injectable()
export class DamagedVersions {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly journal: JournalService,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {}

  /** Runs a read. Damage becomes a 500 that names the version, never its content. */
  async watch<T>(where: Where, version: number, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof CorruptVersionError)) throw error;
      await this.report(where, error);
      throw new AppError(
        'internal',
        CODE,
        `Version ${version} of this graph is damaged in the database and cannot be read. Other versions may be readable. Ask the operator to restore it from a backup.`,
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
