import { Injectable } from '@nestjs/common';
import { JournalService, type Action } from '../audit/journal.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { foundById } from '../platform/ids/found-by-id';
import { notFound } from '../platform/errors/app-error';
import { encodeCursor, totalOf, type Page } from '../platform/http/pagination';
import { uuidBytes, uuidText, uuidv7 } from '../platform/ids/uuid';
import { BackupMarksService } from './backup-marks.service';
import type { BackupRunRow, VerificationRow } from './domain/vault.entity';
import { VaultStore } from './vault.store';

/** The records of copies and verifications. */
@Injectable()
export class VaultRecordsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly journal: JournalService,
    readonly marks: BackupMarksService,
    private readonly clock: Clock,
  ) {}

  newId(): string {
    return uuidv7(this.clock.now());
  }

  run(id: string): Promise<BackupRunRow> {
    return foundById('run', id, (bytes) => this.unitOfWork.read((em) => this.store.run(em, bytes)));
  }

  /** The runs, newest first, after the one with the id `after`. */
  async runs(after: string | null, limit: number, skip: number): Promise<Page<BackupRunRow>> {
    const before = after === null ? null : uuidBytes(after);
    const { rows, total } = await this.unitOfWork.read(async (em) => {
      const rows = await this.store.runs(em, before, limit + 1, skip);
      const count = (upTo: number) => this.store.countRuns(em, upTo);
      return { rows, total: await totalOf({ limit, skip, after }, rows.length, count) };
    });
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return { items, total, next: rows.length > limit && last ? encodeCursor([uuidText(last.id)]) : null };
  }

  verifications(limit: number): Promise<VerificationRow[]> {
    return this.unitOfWork.read((em) => this.store.verifications(em, limit));
  }

  async verification(id: string): Promise<VerificationRow> {
    const bytes = uuidBytes(id);
    const found = (await this.verifications(500)).find((row) => row.id.equals(bytes));
    if (!found) throw notFound('verification');
    return found;
  }

  /** Records in the journal what an operator requested. */
  async note(caller: Caller, action: Action, subjectId: string): Promise<void> {
    const { key, origin } = caller;
    const event = { action, at: this.clock.now(), userKey: null, actorKey: key, subjectId, origin };
    await this.unitOfWork.write((em) => this.journal.append(em, event));
  }
}
