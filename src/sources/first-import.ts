import { createHash } from 'node:crypto';
import {
  HISTORY_MAX,
  type Connector,
  type ConnectorSession,
  type ListedGraph,
  type PastGraph,
} from './connectors/connector';
import { ConnectorError } from './connectors/connector-errors';
import type { SourceItemRow } from './domain/source-item.entity';
import type { SourceRow } from './domain/source.entity';
import type { GraphIntakeService, Intake, IntakeOutcome } from './graph-intake.service';
import { IMPORTING } from './pass-rules';

/** Runs in a row that fail before a history that cannot be read is done without. */
const HISTORY_TRIES = 3;

/** The last state that an import had stored when it was interrupted. */
interface Reached {
  /** Its time at the tool, ms since the epoch. */
  at: number;
  sha256: Buffer;
}

/** The first import of one graph: the tool's own history, then the present state. An interrupted one is continued. */
export class FirstImport {
  constructor(
    private readonly intake: GraphIntakeService,
    private readonly subject: { connector: Connector; documentBytes: number; source: SourceRow },
  ) {}

  /** `row`: the item as an interrupted import has left it. */
  async run(
    session: ConnectorSession,
    listed: ListedGraph,
    intake: Intake,
    row?: SourceItemRow,
  ): Promise<IntakeOutcome> {
    let graphId = intake.item.graph_id;
    for await (const past of ahead(this.distinct(session, listed, intake), reachedBy(row))) {
      const item = { ...intake.item, graph_id: graphId, ...importing(past) };
      graphId = await this.intake.importPast({ ...intake, item }, past);
    }
    if (graphId === null) return this.intake.create(intake);
    const item = { ...intake.item, graph_id: graphId };
    const outcome = await this.intake.store({ ...intake, item, titleBefore: null });
    return outcome === 'ignored' ? outcome : 'created';
  }

  /** The present state is worth more than a history: a tool that never gives one does not keep its graphs from being stored. */
  private async *readable(history: AsyncIterable<PastGraph>): AsyncGenerator<PastGraph> {
    try {
      yield* history;
    } catch (error) {
      const isPatient = this.subject.source.failures < HISTORY_TRIES;
      if (isPatient || !(error instanceof ConnectorError)) throw error;
    }
  }

  /** Without states that only repeat the one before, and those that are too large to be stored. The newest state of a history is often the present one. */
  private async *distinct(
    session: ConnectorSession,
    listed: ListedGraph,
    { item: { fingerprint: present } }: Intake,
  ): AsyncGenerator<PastGraph> {
    if (!session.history) return;
    let before: Buffer | undefined;
    let waiting: { past: PastGraph; fingerprint: Buffer } | undefined;
    let count = 0;
    for await (const past of this.readable(session.history(listed))) {
      const fingerprint = this.subject.connector.fingerprint(past.config);
      if (before?.equals(fingerprint) || past.config.length > this.subject.documentBytes) continue;
      before = fingerprint;
      if (waiting) yield waiting.past;
      waiting = { past, fingerprint };
      if ((count += 1) >= HISTORY_MAX) break;
    }
    if (waiting && !(present && waiting.fingerprint.equals(present))) yield waiting.past;
  }
}

/** What an item notes while its import is not finished: its present state is not stored yet. */
function importing({ changedAt }: PastGraph): Partial<SourceItemRow> {
  return { fingerprint: IMPORTING, signal: null, remote_changed_at: changedAt };
}

function reachedBy(row: SourceItemRow | undefined): Reached | undefined {
  if (!row?.config_sha256 || row.remote_changed_at === null) return undefined;
  return { at: row.remote_changed_at, sha256: row.config_sha256 };
}

/** The states that come after the reached one. */
async function* ahead(history: AsyncIterable<PastGraph>, reached?: Reached): AsyncGenerator<PastGraph> {
  let isAhead = reached === undefined;
  for await (const past of history) {
    if (isAhead || past.changedAt > reached!.at) {
      isAhead = true;
      yield past;
    } else {
      isAhead = past.changedAt === reached!.at && sha256Of(past.config).equals(reached!.sha256);
    }
  }
}

function sha256Of(config: Buffer): Buffer {
  return createHash('sha256').update(config).digest();
}
