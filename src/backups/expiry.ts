import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { UnitOfWork } from '../platform/database/unit-of-work';
import type { RunLease } from '../platform/jobs/job';
import { Log } from '../platform/logging/log';
import { ObjectStore } from '../platform/objects/object-store';
import { expirable } from './domain/generations';
import { segmentsFolder } from './domain/segment-name';
import { listGenerations } from './vault-reader';
import { VaultStore } from './vault.store';

/** Records of runs whose segments were removed are kept for this long, ms. */
const RECORDS_FOR_MS = 90 * 86_400_000;

/** Removes old generations, once enough newer ones are proven to be good. */
@Injectable()
export class VaultExpiry {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly objects: ObjectStore,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    private readonly log: Log,
  ) {}

  /** Returns the number of removed generations. Other lines of copies are never changed. */
  async run(lease: RunLease, signal: AbortSignal): Promise<number> {
    const state = await this.unitOfWork.read((em) => this.store.state(em));
    if (!state) return 0;
    const { lineage } = state;
    const generations = await listGenerations(this.objects, lineage);
    const verified = await this.unitOfWork.read((em) => this.store.verifiedGenerations(em, lineage));
    const all = generations.map(({ number }) => number);
    const gone = expirable(all, verified, this.config.get('BACKUP_KEEP_GENERATIONS'));
    for (const number of gone) {
      signal.throwIfAborted();
      // Recorded first, so that a verification that reads it meanwhile does not report damage. The next run removes
      // what a killed one leaves.
      await this.unitOfWork.write(async (em) => {
        await lease.guard(em);
        await this.store.markExpired(em, lineage, number);
      });
      await this.remove(lineage, number);
      this.log.info('a generation of copies expired', { lineage, generation: number });
    }
    await this.unitOfWork.write((em) => this.store.forgetRuns(em, this.clock.now() - RECORDS_FOR_MS));
    return gone.length;
  }

  /** Newest segment first: after an interruption, the remaining ones can still be read. */
  private async remove(lineage: string, number: number): Promise<void> {
    const names: string[] = [];
    for await (const { name } of this.objects.list(
      `${segmentsFolder(lineage)}${String(number).padStart(10, '0')}/`,
    ))
      names.push(name);
    for (const name of names.reverse()) await this.objects.delete(name);
  }
}
