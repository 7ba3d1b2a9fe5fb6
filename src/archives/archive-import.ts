import { Injectable } from '@nestjs/common';
import { JournalService } from '../audit/journal.service';
import { GraphReaderService } from '../graphs/graph-reader.service';
import type { Caller } from '../platform/access/caller';
import type { PolicyPart } from '../platform/config/policy-limits';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { PoliciesService } from '../retention/policies.service';
import { continuationOf } from './domain/continuation';
import { MANIFEST } from './domain/manifest';
import type { ArchivedGraph, ArchivedHistory, ArchivedManifest } from './domain/parse-manifest';
import { ArchiveReader } from './archive-reader';
import { GraphImport } from './graph-import';
import { reasonFor, refused, type ImportEntry } from './import-report';
import type { ZipReader } from './zip-reader';

/** How an import runs. */
export interface ImportOptions {
  /** Only say what would be done. */
  dryRun: boolean;
  /** Aborted when the client has gone; what was imported stays, and the same import continues. */
  signal: AbortSignal;
}

/** What is done with one graph of an archive. */
interface GraphTask extends ImportOptions {
  caller: Caller;
  zip: ZipReader;
  graph: ArchivedGraph;
  history: ArchivedHistory;
  /** Versions of the archive that are here already. */
  done: number;
  /** The graph that they belong to or that is created; undefined: a new id. */
  id: string | undefined;
}

/** Imports an archive that an export of ours wrote. */
@Injectable()
export class ArchiveImport {
  constructor(
    private readonly archives: ArchiveReader,
    private readonly reader: GraphReaderService,
    private readonly graphs: GraphImport,
    private readonly policies: PoliciesService,
    private readonly journal: JournalService,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Imports graph after graph. */
  async *run(
    caller: Caller,
    zip: ZipReader,
    { graphs, policy }: ArchivedManifest,
    options: ImportOptions,
  ): AsyncGenerator<ImportEntry> {
    if (policy && !options.dryRun) {
      const reason = await this.adoptPolicy(caller, policy);
      if (reason !== null) yield refused(MANIFEST, null, reason);
    }
    const purged = await this.purgedIds(caller);
    for (const graph of graphs) {
      options.signal.throwIfAborted();
      yield await this.graph(caller, zip, graph, purged, options);
    }
  }

  /** The account's own policy stays where it has one. Returns why the archive's can't be used, else null. */
  private async adoptPolicy(caller: Caller, policy: PolicyPart): Promise<string | null> {
    if ((await this.policies.ownPart(caller, null)) !== null) return null;
    try {
      await this.policies.putForUser(caller, policy);
      return null;
    } catch (error) {
      return reasonFor(error);
    }
  }

  /** A graph that was purged here gets a new id: the copies know the old one as removed. */
  private async purgedIds({ key }: Caller): Promise<ReadonlySet<string>> {
    const read = this.unitOfWork.read((em) => this.journal.subjectsSince(em, key, 'graph.purged', 0));
    return new Set(await read);
  }

  private async graph(
    caller: Caller,
    zip: ZipReader,
    graph: ArchivedGraph,
    purged: ReadonlySet<string>,
    options: ImportOptions,
  ): Promise<ImportEntry> {
    const { folder: name, title } = graph;
    try {
      const history = await this.archives.history(zip, graph);
      const here = await this.archives.statesHere(caller, history.id);
      const task = { caller, zip, graph, history, ...options };
      if (here === null)
        return await this.add({ ...task, done: 0, id: await this.idFor(caller, history, purged) });
      const continuation = continuationOf(here, history.versions);
      if (continuation.kind === 'continues')
        return await this.add({ ...task, done: continuation.from, id: history.id });
      if (continuation.kind === 'differs') return refused(name, title, DIFFERS);
      const reason = continuation.kind === 'held' ? HELD : PRUNED;
      return { name, title, action: 'skipped', graphId: history.id, versions: 0, reason };
    } catch (error) {
      return refused(name, title, reasonFor(error));
    }
  }

  /** The archive's id, unless it is that of a graph that was purged or is about to be. */
  private async idFor(
    caller: Caller,
    { id }: ArchivedHistory,
    purged: ReadonlySet<string>,
  ): Promise<string | undefined> {
    return purged.has(id) || (await this.reader.isTaken(caller, id)) ? undefined : id;
  }

  /** Adds the versions that are missing. A fault ends it; the entry then says how many there are until then. */
  private async add(task: GraphTask): Promise<ImportEntry> {
    const { graph, history, done, id, dryRun } = task;
    const entry = { name: graph.folder, title: graph.title };
    const report = { graphId: id ?? null, versions: 0 };
    const policy = done === 0 ? await this.policyFor(task.caller, history.policy) : NO_POLICY;
    try {
      for await (const graphId of this.addVersions(task, policy.part)) {
        report.versions += 1;
        report.graphId = graphId;
      }
    } catch (error) {
      const why = reasonFor(error);
      if (dryRun || report.versions === 0) return refused(entry.name, entry.title, why);
      const rest = `${why} Of ${history.versions.length} versions, ${done + report.versions} are here.`;
      return { ...entry, ...report, action: 'refused', reason: rest };
    }
    return { ...entry, ...report, action: done > 0 ? 'extended' : 'created', reason: policy.reason };
  }

  /** Writes version after version and yields the graph's id after each. */
  private async *addVersions(task: GraphTask, policy: PolicyPart | null): AsyncGenerator<string | null> {
    const { caller, zip, graph, history, done, dryRun, signal } = task;
    let graphId = done > 0 ? history.id : undefined;
    for (const version of history.versions.slice(done)) {
      signal.throwIfAborted();
      const config = await this.archives.config(caller, zip, graph, version);
      if (dryRun) {
        yield task.id ?? null;
        continue;
      }
      const whole = { ...version, config };
      const { createdAt } = history;
      if (graphId === undefined)
        graphId = await this.graphs.create(caller, whole, { id: task.id, createdAt, policy });
      else await this.graphs.add(caller, graphId, whole);
      yield graphId;
    }
  }

  /** The policy that the graph gets, and why it gets none. */
  private async policyFor(
    caller: Caller,
    part: PolicyPart | null,
  ): Promise<{ part: PolicyPart | null; reason: string | null }> {
    if (part === null || (await this.policies.canHave(caller, part))) return { part, reason: null };
    return { part: null, reason: POLICY_LEFT_OUT };
  }
}

const NO_POLICY = { part: null, reason: null };
const HELD = 'All its versions are here.';
const PRUNED =
  'Its newest version is here. Older versions of the archive were removed here and are not brought back.';
const DIFFERS =
  'A graph with this id is here, with a history that differs. Import the archive into another account, or purge that graph first.';
const POLICY_LEFT_OUT =
  'Its policy was left out: together with the policy of this account it would keep nothing.';
