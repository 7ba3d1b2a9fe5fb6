import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock';
import { UnitOfWork } from '../database/unit-of-work';
import { KeyringStore } from './keyring.store';
import { MasterKeySource } from './master-key-source';
import { open, seal } from './sealed-box';
import type { UserKeyRow } from './user-key.entity';

/** Keys that are wrapped anew in one transaction: short enough for nobody to wait for it. */
const BATCH = 200;

/** What one master key is doing in a database. */
export interface MasterKeyState {
  /** Names the key without giving it away; hexadecimal. */
  id: string;
  /** It wraps new keys. */
  current: boolean;
  /** The program has it. */
  atHand: boolean;
  retiredAt: number | null;
  /** Users' keys it wraps. */
  keys: number;
}

/** How far a rotation is. */
export interface RotationProgress {
  done: number;
  total: number;
}

/** Moves the users' data keys from old master keys to the present one. No graph is touched. */
@Injectable()
export class KeyRotation {
  constructor(
    private readonly source: MasterKeySource,
    private readonly store: KeyringStore,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** All master keys this database has seen, and what they wrap. */
  async status(): Promise<MasterKeyState[]> {
    const { current } = this.source;
    const [rows, counts] = await this.unitOfWork.read(
      async (em) => [await this.store.masters(em), await this.store.countByMaster(em)] as const,
    );
    return rows.map(({ id, retired_at }) => ({
      id: id.toString('hex'),
      current: id.equals(current.currentId),
      atHand: current.find(id) !== undefined,
      retiredAt: retired_at,
      keys: counts.find(({ masterId }) => masterId.equals(id))?.keys ?? 0,
    }));
  }

  /**
   * Wraps every user's key with the present master key, in small transactions, while the service may run; then
   * retires the others. Stopped at any point, it goes on where it was when called again. Throws UnsealError for
   * a key that does not unwrap, an Error for one whose master key is not at hand; what was done by then stays.
   */
  async run(
    onProgress: (progress: RotationProgress) => void,
    signal?: AbortSignal,
  ): Promise<RotationProgress> {
    const { currentId } = this.source.current;
    await this.unitOfWork.write((em) => this.store.addMaster(em, currentId, this.clock.now()));
    const counts = await this.unitOfWork.read((em) => this.store.countByMaster(em));
    const progress = {
      done: 0,
      total: counts
        .filter(({ masterId }) => !masterId.equals(currentId))
        .reduce((sum, { keys }) => sum + keys, 0),
    };
    for (let after = -1; !signal?.aborted;) {
      const rows = await this.unitOfWork.read((em) =>
        this.store.wrappedByOthers(em, currentId, after, BATCH),
      );
      const last = rows.at(-1);
      if (!last) break;
      progress.done += await this.rewrap(rows);
      after = last.user_key;
      onProgress(progress);
    }
    if (!signal?.aborted)
      await this.unitOfWork.write((em) => this.store.retireMasters(em, currentId, this.clock.now()));
    return progress;
  }

  private async rewrap(rows: readonly UserKeyRow[]): Promise<number> {
    const { current, currentId } = this.source.current;
    const wrapped = rows.map((row) => seal(current, this.unwrap(row), row.user_id));
    return this.unitOfWork.write(async (em) => {
      let changed = 0;
      for (const [index, row] of rows.entries()) {
        if (await this.store.rewrap(em, row, currentId, wrapped[index]!)) changed += 1;
      }
      return changed;
    });
  }

  private unwrap({ master_id, wrapped, user_id }: UserKeyRow): Buffer {
    const master = this.source.current.find(master_id);
    if (!master)
      throw new Error(
        `The master key ${master_id.toString('hex')} is not at hand; set ENCRYPTION_KEY_PREVIOUS to it.`,
      );
    return open(master, wrapped, user_id);
  }
}
