import { Injectable } from '@nestjs/common';
import { JournalService } from '../audit/journal.service';
import { SealsService } from '../audit/seals.service';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { Log } from '../platform/logging/log';
import { parseSegmentName } from './domain/segment-name';
import type { SegmentHeader } from './segment';
import type { VaultDamage } from './vault-reader';
import { VaultStore } from './vault.store';

/** Acts on the findings of a verification. */
@Injectable()
export class VaultFindings {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly journal: JournalService,
    private readonly seals: SealsService,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * Damage in the newest generation: its content counts as missing, its versions are pending again, and the next
   * copy is a full one. Damage in an older one is recorded with its run. `asked`: the generation that was being read.
   */
  async condemn({ object, message }: VaultDamage, asked: number | undefined): Promise<void> {
    this.log.error('the backup store is damaged', { object, reason: message });
    const place = parseSegmentName(object);
    await this.unitOfWork.write(async (em) => {
      const state = await this.store.state(em);
      if (!state) return;
      const generation = place?.generation ?? asked ?? state.generation;
      if (place) await this.store.markCorrupt(em, place.lineage, generation, object, message);
      const event = { at: this.clock.now(), userKey: null, actorKey: null, subjectId: null } as const;
      await this.journal.append(em, { ...event, action: 'vault.damaged', details: { object } });
      if (generation !== state.generation) return;
      const nothing = { stored_seq: 0, seal: 0, expired_seal: 0, verified_seq: 0, sweep_seq: 0 };
      await this.store.updateState(em, { ...state, ...nothing, needs_full: 1 });
    });
  }

  /** Remembers the newest seal of the copies: a journal that was truncated since does not have it. */
  recall({ seal, at }: Pick<SegmentHeader, 'seal' | 'at'>): void {
    if (seal) this.seals.remember({ ...seal, at });
  }
}
