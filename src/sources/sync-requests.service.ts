import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { foundById } from '../platform/ids/found-by-id';
import { AppError } from '../platform/errors/app-error';
import { JobRunner } from '../platform/jobs/job-runner';
import { isHookSecret, parseHookToken } from './domain/hook-token';
import type { SourceRow } from './domain/source.entity';
import { SYNC_JOB } from './sources-sync.job';
import { SourcesService } from './sources.service';
import { SourcesStore } from './sources.store';

/** Hooks start at most one run of a source in this time, ms. */
const HOOK_GAP_MS = 5_000;
/** How often and how soon the job is started again while another process runs it, ms. */
const KNOCKS = 5;
const KNOCK_AGAIN_MS = 2_000;

/** Requests for runs: by the owner, and by the hooks of tools. */
@Injectable()
export class SyncRequestsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sources: SourcesService,
    private readonly store: SourcesStore,
    private readonly runner: JobRunner,
    private readonly clock: Clock,
  ) {}

  /** Makes a source due now, even a paused one; returns when, ms since the epoch. 404 for a source that is not the caller's. */
  async byOwner(caller: Caller, id: string): Promise<number> {
    return this.request(await this.sources.get(caller, id), this.clock.now());
  }

  /** Starts the job for sources that have just become due. */
  start(): void {
    void this.knock(0);
  }

  /** A tool says that something has changed. 401 for a wrong token, 404 for a removed source, 409 for a paused one. */
  async byHook(id: string, token: string | undefined): Promise<number> {
    const row = await this.ofHook(id, token);
    if (row.enabled === 0)
      throw new AppError(
        'conflict',
        'source-paused',
        'The source is paused. Resume it, then repeat the call.',
      );
    const now = this.clock.now();
    const earliest = row.last_attempt_at === null ? now : row.last_attempt_at + HOOK_GAP_MS;
    return this.request(row, Math.max(now, Math.min(earliest, now + HOOK_GAP_MS)));
  }

  private async ofHook(id: string, token: string | undefined): Promise<SourceRow> {
    const parsed = token === undefined ? undefined : parseHookToken(token);
    if (!parsed) throw wrongToken();
    const row = await foundById('source', id, (bytes) =>
      this.unitOfWork.read((em) => this.store.find(em, parsed.userKey, bytes)),
    );
    if (!isHookSecret(parsed.secret, row.hook_sha256)) throw wrongToken();
    return row;
  }
  private async request(row: SourceRow, at: number): Promise<number> {
    await this.unitOfWork.write((em) => this.store.request(em, row, at));
    void this.knock(at - this.clock.now());
    return at;
  }

  /** Starts the job in this process instead of waiting for its next minute. Never rejects. */
  private async knock(afterMs: number): Promise<void> {
    await delay(Math.max(afterMs, 0), undefined, { ref: false });
    for (let attempt = 0; attempt < KNOCKS; attempt += 1) {
      try {
        await this.runner.trigger(SYNC_JOB);
        return;
      } catch (error) {
        // Running already, here or elsewhere: that run may have looked for due sources just before this one was.
        if (!(error instanceof AppError) || error.code !== 'job-running') return;
      }
      await delay(KNOCK_AGAIN_MS, undefined, { ref: false });
    }
  }
}

function wrongToken(): AppError {
  return new AppError(
    'unauthenticated',
    'wrong-hook-token',
    'The hook token is missing or wrong. Send the token of this source as "Authorization: Bearer …".',
  );
}
