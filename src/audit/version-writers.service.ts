import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { ACTION_CODES, type Action } from './domain/actions';
import { VersionWritersStore, type WriterRow, type WritesOf } from './version-writers.store';

/** A version, and the event that wrote its row last. */
export interface WrittenVersion {
  version: number;
  seq: number;
}

/** Who wrote a version. `actorKey` is null for the service itself. */
export interface VersionWriter {
  actorKey: number | null;
  /** The API token that the actor used. */
  tokenId: string | null;
}

/** A graph whose versions are asked for; `key` is the number of the event that created it. */
export interface WrittenGraph {
  userKey: number;
  key: number;
  subjectId: Buffer;
}

const WRITES: readonly Action[] = [
  'graph.created',
  'graph.updated',
  'graph.deleted',
  'graph.recovered',
  'graph.restored',
  'graph.imported',
];
const CODES = WRITES.map((action) => ACTION_CODES[action]);

/** Events of the user that one statement looks at: some milliseconds on SQLite, after which others get a turn. */
const SLICE = 2_500;
/** Slices that are looked at for one page of versions. */
const SLICES = 20;

/**
 * Says who wrote the versions of a graph. The row of a version names its event until it is packed, labelled or
 * pinned. The events of such versions are searched among the user's events, the newest 50,000 at most; the writer of
 * a version whose event is older, or was removed, is not known.
 */
@Injectable()
export class VersionWritersService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VersionWritersStore,
  ) {}

  /** The writers by version number, as far as the versions' rows name the events. */
  async named(graph: WrittenGraph, versions: readonly WrittenVersion[]): Promise<Map<number, VersionWriter>> {
    if (versions.length === 0) return new Map();
    const seqs = versions.map(({ seq }) => seq);
    const rows = await this.unitOfWork.read((em) => this.store.bySeq(em, writesOf(graph), seqs));
    return new Map(rows.map((row) => [row.version, writerOf(row)]));
  }

  /** The writers of versions whose rows name another event. */
  async searched(
    graph: WrittenGraph,
    versions: readonly WrittenVersion[],
  ): Promise<Map<number, VersionWriter>> {
    const found = new Map<number, VersionWriter>();
    const missing = new Set(versions.map(({ version }) => version));
    let below = Math.max(...versions.map(({ seq }) => seq));
    const above = graph.key - 1;
    for (let slices = 0; slices < SLICES && missing.size > 0 && below > above + 1; slices += 1) {
      const { rows, end } = await this.slice(graph, { above, below }, [...missing]);
      for (const row of rows) {
        found.set(row.version, writerOf(row));
        missing.delete(row.version);
      }
      below = end;
    }
    return found;
  }

  private slice(
    graph: WrittenGraph,
    { above, below }: { above: number; below: number },
    versions: readonly number[],
  ): Promise<{ rows: WriterRow[]; end: number }> {
    return this.unitOfWork.read(async (em) => {
      const last = await this.store.sliceEnd(em, graph.userKey, { above, below }, SLICE - 1);
      const end = last ?? above + 1;
      const rows = await this.store.inSlice(em, writesOf(graph), { above: end - 1, below }, versions);
      return { rows, end };
    });
  }
}

function writesOf({ userKey, subjectId }: WrittenGraph): WritesOf {
  return { userKey, subjectId, actions: CODES };
}

function writerOf({ actor_key, details }: WriterRow): VersionWriter {
  const token = details === null ? undefined : (JSON.parse(details) as { token_id?: unknown }).token_id;
  return { actorKey: actor_key, tokenId: typeof token === 'string' ? token : null };
}
