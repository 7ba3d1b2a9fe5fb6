import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../platform/access/caller';
import { Keyring } from '../platform/crypto/keyring';
import { uuidText } from '../platform/ids/uuid';
import { Log } from '../platform/logging/log';
import { connectionFailure, type ConnectionFailure } from './connection-failure';
import type { SourceRow } from './domain/source.entity';
import { PassFactory } from './pass-factory';
import { SourceRecordsService, type BegunRun, type RunEnd } from './source-records.service';
import { SourcesMetrics } from './sources-metrics';
import { SourceSessionsService } from './source-sessions.service';

/** Time for one run of a source, ms. */
const RUN_MS = 30 * 60_000;

/** Runs sources: pulls what has changed. */
@Injectable()
export class SyncService {
  constructor(
    private readonly passes: PassFactory,
    private readonly records: SourceRecordsService,
    private readonly sessions: SourceSessionsService,
    private readonly keyring: Keyring,
    private readonly metrics: SourcesMetrics,
    private readonly log: Log,
  ) {}

  /**
   * One run of a due source for the job's run `claim`. Failures of the tool are recorded; only an abort by `signal` and
   * failures of the database are thrown. False if the source was not due any more.
   */
  async run(
    source: SourceRow,
    claim: number,
    guard: (em: EntityManager) => Promise<void>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const begun = await this.records.begin(source, claim, guard);
    if (!begun) return false;
    const end = await this.attempt(begun, signal);
    await this.records.end(begun, end);
    this.metrics.ended(end.status, end.counts);
    const { seen, created, changed, gone, failed } = end.counts;
    const facts = { source: uuidText(source.id), status: end.status, seen, created, changed, gone, failed };
    if (end.status === 'failed')
      this.log.warn('a source failed', { ...facts, failures: source.failures + 1 });
    else this.log.info('source read', facts);
    return true;
  }

  private async attempt({ source }: BegunRun, signal: AbortSignal): Promise<RunEnd> {
    const limit = AbortSignal.timeout(RUN_MS);
    const both = AbortSignal.any([signal, limit]);
    const userId = await this.keyring.userId(source.user_key);
    const caller: Caller = { key: source.user_key, id: uuidText(userId ?? Buffer.alloc(16)), role: 'user' };
    const pass = this.passes.create(source, caller, both, this.sessions.secrets);
    const soFar = { counts: pass.counts, failedItems: pass.failedItems };
    try {
      const settings = await this.sessions.settingsOf(source, caller.id);
      await this.sessions.use(settings, both, (session) => pass.run(session));
      return { status: 'done', ...soFar, failure: null };
    } catch (error) {
      if (signal.aborted) return { status: 'interrupted', ...soFar, failure: null };
      if (limit.aborted)
        return {
          status: 'failed',
          ...soFar,
          failure: `The run took longer than ${RUN_MS / 60_000} minutes.`,
        };
      const { sentence, retryAfter } = this.failureOf(error, source);
      return { status: 'failed', ...soFar, failure: sentence, retryAfter };
    }
  }

  private failureOf(error: unknown, source: SourceRow): ConnectionFailure {
    const known = connectionFailure(error);
    if (known) return known;
    this.log.error('a source failed unexpectedly', { source: uuidText(source.id), error });
    return { sentence: 'Unexpected error. See the log of the service for details.', retryAfter: undefined };
  }
}
