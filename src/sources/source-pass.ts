import { setTimeout as delay } from 'node:timers/promises';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import type { Caller } from '../platform/access/caller';
import type { Clock } from '../platform/clock/clock';
import type { UnitOfWork } from '../platform/database/unit-of-work';
import type { Connector, ConnectorSession, ListedGraph } from './connectors/connector';
import { ConnectorError } from './connectors/connector-errors';
import type { FieldValue } from './domain/fields';
import { titleOf } from './domain/remote-title';
import { NO_COUNTS, type FailedItem, type PassCounts } from './domain/pass-counts';
import type { SourceItemRow } from './domain/source-item.entity';
import type { SourceRow } from './domain/source.entity';
import { FirstImport } from './first-import';
import type { GraphIntakeService, IntakeOutcome } from './graph-intake.service';
import {
  FOUND,
  REMOTE_ID_MAX,
  idFault,
  isImporting,
  isSameState,
  isUnchanged,
  itemFailure,
  newItemOf,
  requireSize,
  settingsKey,
  settled,
  shortened,
  withSettings,
} from './pass-rules';
import { MissingItems } from './missing-items';
import type { SecretCounter } from './secret-counter';
import type { SourceItemsStore } from './source-items.store';

/** Rows read at a time. */
const BATCH = 200;
/** Pages in a row without a new graph: a list that repeats itself would never end. */
const REPEATED_PAGES_MAX = 3;
/** Pages in a row without any graph; some tools filter what they have put on a page. */
const EMPTY_PAGES_MAX = 100;
/** Documents that are read before they are stored together, bytes; one larger document is stored alone. */
const TOGETHER_BYTES = 1_048_576;
/** The longest pause after some graphs, ms: most of a long time was spent waiting for the tool. */
const PAUSE_MAX_MS = 50;
/** Failed items whose reasons the record of a run keeps. */
const FAILED_KEPT = 20;
const MINUTE_MS = 60_000;

/** What a pass works with. */
export interface PassParts {
  unitOfWork: UnitOfWork;
  items: SourceItemsStore;
  intake: GraphIntakeService;
  clock: Clock;
  secrets: SecretCounter;
}

/** Something that was read and is to be stored. */
interface Storing {
  listed: ListedGraph;
  bytes: number;
  store(): Promise<IntakeOutcome>;
}

/** The source that a pass is about. */
export interface PassSubject {
  caller: Caller;
  source: SourceRow;
  connector: Connector;
  options: ReadonlyMap<string, FieldValue>;
  /** The largest document that is stored, bytes. */
  documentBytes: number;
  /** Graphs of one source (SOURCE_ITEMS_MAX). */
  itemsMax: number;
  signal: AbortSignal;
}

/** One pass over all graphs of a tool. Memory grows with the ids, not with the documents. */
export class SourcePass {
  readonly counts: PassCounts = { ...NO_COUNTS };
  readonly failedItems: FailedItem[] = [];
  private readonly seen = new Set<string>();
  /** How many graphs may be added. */
  private room = 0;
  private readonly place: { user_key: number; source_key: number };
  private readonly firstImport: FirstImport;
  private readonly missing: MissingItems;
  private readonly settings: string;

  constructor(
    private readonly parts: PassParts,
    private readonly subject: PassSubject,
  ) {
    const { user_key, key } = subject.source;
    this.place = { user_key, source_key: key };
    this.firstImport = new FirstImport(parts.intake, subject);
    this.missing = new MissingItems(parts, subject);
    this.settings = settingsKey(subject.source);
  }

  /** Stores what has changed, then notes what is gone. Throws if the tool fails; what was stored until then stays. */
  async run(session: ConnectorSession): Promise<void> {
    const { unitOfWork, items } = this.parts;
    const known = await unitOfWork.read((em) => items.counts(em, this.place));
    this.room = this.subject.itemsMax - known.items;
    let pagesWithoutNew = 0;
    for await (const page of session.list()) {
      const fresh = this.unseen(page).map((listed) => withSettings(listed, this.settings));
      pagesWithoutNew = fresh.length === 0 ? pagesWithoutNew + 1 : 0;
      if (pagesWithoutNew >= (page.length > 0 ? REPEATED_PAGES_MAX : EMPTY_PAGES_MAX))
        throw new ConnectorError('The list of the tool repeats itself and does not end.');
      for (let from = 0; from < fresh.length; from += BATCH)
        await this.takeAll(session, fresh.slice(from, from + BATCH));
    }
    this.counts.gone += await this.missing.note(this.seen);
  }

  private unseen(page: readonly ListedGraph[]): ListedGraph[] {
    const fresh = page.filter(({ remoteId }) => {
      const id = remoteId.length > REMOTE_ID_MAX ? shortened(remoteId) : remoteId;
      const isNew = !this.seen.has(id);
      this.seen.add(id);
      return isNew;
    });
    const { itemsMax } = this.subject;
    if (this.seen.size > itemsMax)
      throw new ConnectorError(
        `The tool lists more than ${itemsMax} graphs, which is the limit (SOURCE_ITEMS_MAX). The others are not read.`,
      );
    return fresh;
  }

  /** Graphs are read one after the other, and stored some at a time: they share a commit. */
  private async takeAll(session: ConnectorSession, page: readonly ListedGraph[]): Promise<void> {
    const ids = page.map(({ remoteId }) => remoteId).filter((id) => id.length <= REMOTE_ID_MAX);
    const known = new Map((await this.rows(ids)).map((row) => [row.remote_id, row]));
    const waiting: Storing[] = [];
    for (const listed of page) {
      this.subject.signal.throwIfAborted();
      this.counts.seen += 1;
      const storing = await this.take(session, listed, known.get(listed.remoteId)).catch(
        async (error: unknown) => {
          // What was read before the tool failed is kept.
          await this.storeAll(waiting.splice(0));
          throw error;
        },
      );
      if (storing) waiting.push(storing);
      const bytes = waiting.reduce((sum, one) => sum + one.bytes, 0);
      if (waiting.length >= this.parts.unitOfWork.sharing || bytes >= TOGETHER_BYTES)
        await this.storeAll(waiting.splice(0));
      else await yieldToEventLoop();
    }
    await this.storeAll(waiting.splice(0));
  }

  /** Stores what was read. A graph that cannot be stored is noted; the others are stored before a failure of all is thrown. */
  private async storeAll(all: readonly Storing[]): Promise<void> {
    if (all.length === 0) return;
    const begin = this.parts.clock.monotonic();
    const running: Array<Promise<PromiseSettledResult<IntakeOutcome>>> = [];
    for (const storing of all) {
      running.push(settled(storing.store()));
      await yieldToEventLoop();
    }
    const ends = await Promise.all(running);
    const failures: unknown[] = [];
    for (const [at, end] of ends.entries()) {
      if (end.status === 'fulfilled') this.count(end.value);
      else
        await this.noteFailure(all[at]!.listed, end.reason).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
    await this.letOthersRun(this.parts.clock.monotonic() - begin);
  }

  /** A run works half of the time, so that users' requests find the process free as often as busy. */
  private async letOthersRun(workedMs: number): Promise<void> {
    await delay(Math.min(workedMs, PAUSE_MAX_MS), undefined, { signal: this.subject.signal });
  }

  /** Takes room for one more graph; what is wrong if there is none. A list of always new ids would fill the database. */
  private noRoom(): string | undefined {
    const { itemsMax } = this.subject;
    if (this.room <= 0)
      return `The source has ${itemsMax} graphs already, which is the limit (SOURCE_ITEMS_MAX).`;
    this.room -= 1;
    return undefined;
  }

  private rows(ids: readonly string[]): Promise<SourceItemRow[]> {
    return this.parts.unitOfWork.read((em) => this.parts.items.some(em, this.place, ids));
  }

  /** Reads a graph if it may have changed; undefined if there is nothing to store. */
  private async take(
    session: ConnectorSession,
    listed: ListedGraph,
    row?: SourceItemRow,
  ): Promise<Storing | undefined> {
    const failure = idFault(listed.remoteId) ?? (row ? undefined : this.noRoom());
    if (failure) return this.fail(listed, failure);
    try {
      if (!row || !isUnchanged(row, listed)) return await this.read(session, listed, row);
      if (row.failure !== null) await this.parts.intake.note({ ...row, ...FOUND });
      this.counts.unchanged += 1;
    } catch (error) {
      await this.noteFailure(listed, error);
    }
    return undefined;
  }

  /** Notes why one graph failed. Throws what makes the whole pass fail. */
  private async noteFailure(listed: ListedGraph, error: unknown): Promise<void> {
    const reason = itemFailure(error);
    if (reason === undefined) throw error;
    this.fail(listed, reason);
    // The failed attempt may have created the graph.
    const [present = this.newItem(listed)] = await this.rows([listed.remoteId]);
    await this.parts.intake.note({ ...present, failure: reason });
  }

  private async read(
    session: ConnectorSession,
    listed: ListedGraph,
    row?: SourceItemRow,
  ): Promise<Storing | undefined> {
    const graph = listed.graph ?? (await session.read(listed));
    requireSize(graph.config, this.subject.documentBytes);
    const fingerprint = this.subject.connector.fingerprint(graph.config);
    const before = row ?? this.newItem(listed);
    const title = titleOf(graph.title, listed.remoteId);
    const found = { ...before, ...FOUND, title, signal: listed.signal, remote_changed_at: graph.changedAt };
    const isNew = before.graph_id === null || isImporting(before);
    const isSame = row !== undefined && isSameState(row, fingerprint, title);
    if (isSame && row.signal === listed.signal && row.missed === 0 && row.failure === null)
      return this.same();
    const isTooSoon = this.isTooSoon(row);
    if (!isSame && !isNew && isTooSoon) return this.same();
    const storing = (store: () => Promise<IntakeOutcome>): Storing => ({
      ...{ listed, bytes: graph.config.length, store },
    });
    const { intake } = this.parts;
    const { caller } = this.subject;
    if (isSame) {
      // Without the signal, it is looked at again: its status may have changed.
      if (isTooSoon && graph.status !== undefined)
        return storing(() => intake.note({ ...found, signal: null }, true).then(() => 'unchanged'));
      return storing(() => intake.noteSame({ caller, item: found, graph, titleBefore: null, patient: true }));
    }
    const item = { ...found, fingerprint, secrets: await this.parts.secrets.count(graph.config) };
    const wanted = {
      caller,
      item,
      graph,
      titleBefore: row?.title ?? null,
      patient: true,
    };
    if (!isNew) return storing(() => intake.store(wanted));
    return storing(() =>
      this.firstImport.run(session, listed, wanted, isImporting(before) ? before : undefined),
    );
  }

  private same(): undefined {
    this.counts.unchanged += 1;
  }

  private count(outcome: IntakeOutcome): void {
    if (outcome === 'created') this.counts.created += 1;
    else if (outcome === 'changed') this.counts.changed += 1;
    else this.counts.unchanged += 1;
  }

  /** With `min_minutes`, a changed graph waits until its last version is old enough; its last state is then stored. */
  private isTooSoon(row: SourceItemRow | undefined): boolean {
    const minutes = this.number('min_minutes');
    if (!row || row.stored_at === null || row.graph_id === null || minutes === 0) return false;
    return this.parts.clock.now() - row.stored_at < minutes * MINUTE_MS;
  }

  private number(name: string): number {
    return Number(this.subject.options.get(name) ?? 0);
  }

  private newItem(listed: ListedGraph): SourceItemRow {
    return newItemOf(this.subject.source, listed);
  }

  private fail({ remoteId, title }: ListedGraph, reason: string): undefined {
    this.counts.failed += 1;
    if (this.failedItems.length >= FAILED_KEPT) return undefined;
    const remote_id = [...remoteId.toWellFormed()].slice(0, REMOTE_ID_MAX).join('');
    this.failedItems.push({ remote_id, title: titleOf(title, remoteId), reason });
    return undefined;
  }
}
