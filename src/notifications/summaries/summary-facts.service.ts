import { Injectable } from '@nestjs/common';
import { JournalCounts } from '../../audit/journal-counts';
import { AccountBackupsService } from '../../backups/account-backups.service';
import { DiffService } from '../../diff/diff.service';
import { GraphReaderService } from '../../graphs/graph-reader.service';
import type { Caller } from '../../platform/access/caller';
import { AppError } from '../../platform/errors/app-error';
import { Log } from '../../platform/logging/log';
import { oneLine } from '../mail/domain/letter';
import type { SummaryFacts } from './domain/summary-text';
import { WEEK_MS } from './domain/week';

/** Graphs that a summary names, and how many of the most changed are tried: some may be deleted. */
const NAMED = 3;
const TRIED = 10;
/** Larger pictures are left out: many mail servers refuse mails of some MB. Bytes. */
const PICTURE_MAX_BYTES = 512 * 1024;
const CHANGES = ['graph.created', 'graph.updated', 'graph.restored', 'graph.imported'] as const;

/** A graph of a summary. */
export interface ChangedGraph {
  id: string;
  title: string;
  versions: number;
}

/** The facts of a week, and the graph that changed most with its picture. */
export interface WeekFacts extends SummaryFacts {
  top: readonly ChangedGraph[];
  /** SVG; undefined if there is none. */
  picture: Buffer | undefined;
}

/** Reads what a weekly summary says, for an account that has not signed in. */
@Injectable()
export class SummaryFactsService {
  constructor(
    private readonly counts: JournalCounts,
    private readonly backups: AccountBackupsService,
    private readonly graphs: GraphReaderService,
    private readonly diffs: DiffService,
    private readonly log: Log,
  ) {}

  /** `week` is its beginning, ms since the epoch. */
  async read(owner: Caller, week: number): Promise<WeekFacts> {
    const request = { userKey: owner.key, actions: CHANGES, from: week, to: week + WEEK_MS };
    const bySubject = await this.counts.bySubject(request);
    const status = await this.backups.of(owner);
    const top = await this.existing(owner, bySubject);
    const [first] = top;
    return {
      graphs: status.graphs,
      versions: [...bySubject.values()].reduce((sum, count) => sum + count, 0),
      changedGraphs: bySubject.size,
      pendingVersions: status.pendingVersions,
      lastStored: status.lastStored,
      lastVerified: status.lastVerified,
      top,
      picture: first && (await this.pictureOf(owner, first.id)),
    };
  }

  private async existing(owner: Caller, bySubject: ReadonlyMap<string, number>): Promise<ChangedGraph[]> {
    const ranked = [...bySubject].sort(([, one], [, other]) => other - one).slice(0, TRIED);
    const found: ChangedGraph[] = [];
    for (const [id, versions] of ranked) {
      const title = found.length < NAMED ? await this.titleOf(owner, id) : undefined;
      if (title !== undefined) found.push({ id, title, versions });
    }
    return found;
  }

  /** Undefined for a graph that is deleted or purged. */
  private async titleOf(owner: Caller, id: string): Promise<string | undefined> {
    try {
      const row = await this.graphs.row(owner, id);
      return row.deleted_at === null ? oneLine(row.title) : undefined;
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not_found') return undefined;
      throw error;
    }
  }

  /** A graph that cannot be drawn holds up no summary. */
  private async pictureOf(owner: Caller, id: string): Promise<Buffer | undefined> {
    try {
      const picture = await this.diffs.draw(owner, id, null, true);
      return picture.length <= PICTURE_MAX_BYTES ? picture : undefined;
    } catch (error) {
      if (!(error instanceof AppError)) this.log.warn('a picture for a summary failed', { graph: id, error });
      return undefined;
    }
  }
}
