import type { Caller } from '../platform/access/caller';
import type { Clock } from '../platform/clock/clock';
import type { UnitOfWork } from '../platform/database/unit-of-work';
import { ConnectorError } from './connectors/connector-errors';
import type { FieldValue } from './domain/fields';
import type { SourceItemRow } from './domain/source-item.entity';
import type { SourceRow } from './domain/source.entity';
import type { GraphIntakeService } from './graph-intake.service';
import type { ItemsPlace, SourceItemsStore } from './source-items.store';

/** Rows read at a time. */
const BATCH = 200;
const DAY_MS = 86_400_000;

interface MissingParts {
  unitOfWork: UnitOfWork;
  items: SourceItemsStore;
  intake: GraphIntakeService;
  clock: Clock;
}

interface MissingSubject {
  caller: Caller;
  source: SourceRow;
  options: ReadonlyMap<string, FieldValue>;
  signal: AbortSignal;
}

/** What becomes of the items that a pass did not find at the tool. */
export class MissingItems {
  private readonly place: ItemsPlace;

  constructor(
    private readonly parts: MissingParts,
    private readonly subject: MissingSubject,
  ) {
    const { user_key, key } = subject.source;
    this.place = { user_key, source_key: key };
  }

  /** Only after a complete list: two passes have to miss a graph before it is called gone. Returns how many are newly gone. */
  async note(seen: ReadonlySet<string>): Promise<number> {
    const { unitOfWork, items, clock } = this.parts;
    const known = await unitOfWork.read((em) => items.counts(em, this.place));
    if (seen.size === 0 && known.items > 0)
      throw new ConnectorError(
        `The tool lists no graphs any more, although it had ${known.items}. None of them is called gone because of this: check the rights of the credentials.`,
      );
    let gone = 0;
    for (let after = ''; ;) {
      const rows = await unitOfWork.read((em) => items.page(em, this.place, after, BATCH));
      if (rows.length === 0) return gone;
      after = rows.at(-1)!.remote_id;
      gone += await this.noteMissing(
        rows.filter(({ remote_id }) => !seen.has(remote_id)),
        clock.now(),
      );
      this.subject.signal.throwIfAborted();
    }
  }

  private async noteMissing(rows: readonly SourceItemRow[], now: number): Promise<number> {
    const { unitOfWork, items } = this.parts;
    const ids = (list: readonly SourceItemRow[]) => list.map(({ remote_id }) => remote_id);
    const first = rows.filter(({ missed }) => missed === 0);
    const second = rows.filter(({ missed, gone_since }) => missed > 0 && gone_since === null);
    if (first.length + second.length > 0)
      await unitOfWork.write(async (em) => {
        await items.missed(em, this.place, ids(first));
        await items.gone(em, this.place, ids(second), now);
      });
    await this.trash(rows, second, now);
    return second.length;
  }

  private async trash(
    rows: readonly SourceItemRow[],
    second: readonly SourceItemRow[],
    now: number,
  ): Promise<void> {
    if (this.subject.options.get('on_gone') !== 'trash') return;
    const late = now - Number(this.subject.options.get('gone_days') ?? 0) * DAY_MS;
    for (const row of rows) {
      const since = row.gone_since ?? (second.includes(row) ? now : Infinity);
      if (row.graph_id === null || row.trashed_at !== null || since > late) continue;
      await this.parts.intake.moveToTrash(this.subject.caller, {
        ...row,
        gone_since: since,
        missed: row.missed + 1,
      });
    }
  }
}
