import { Injectable } from '@nestjs/common';
import { VersionWritersService, type VersionWriter } from '../audit/version-writers.service';
import type { Caller } from '../platform/access/caller';
import { HeavyReads } from '../platform/fairness/heavy-reads';
import type { ListedVersion } from '../versions/versions.service';
import { GraphReaderService } from './graph-reader.service';

/** How a version came to be: by its owner in person, by a program with an API token, or by a source. */
export const AUTHOR_KINDS = ['user', 'token', 'source'] as const;

/** Who wrote a version. `id` is that of the user, the API token or the source; null if it is not known. */
export interface VersionAuthor {
  kind: (typeof AUTHOR_KINDS)[number];
  id: string | null;
}

/** Says who wrote the versions of a graph, from the journal. */
@Injectable()
export class VersionAuthorsService {
  constructor(
    private readonly reader: GraphReaderService,
    private readonly writers: VersionWritersService,
    private readonly heavy: HeavyReads,
  ) {}

  /** The authors by version number; versions whose author is not known are missing. */
  async of(
    caller: Caller,
    graphId: string,
    versions: readonly ListedVersion[],
  ): Promise<Map<number, VersionAuthor>> {
    const row = await this.reader.info(caller, graphId);
    const graph = { userKey: caller.key, key: row.key, subjectId: row.id };
    const found = await this.writers.named(graph, versions);
    const others = versions.filter(({ version }) => !found.has(version));
    if (others.length > 0) {
      const searched = await this.heavy.run(caller.id, () => this.writers.searched(graph, others));
      for (const [version, writer] of searched) found.set(version, writer);
    }
    const isPulled = [...found.values()].some(({ actorKey }) => actorKey === null);
    const source = isPulled ? await this.reader.sourceOf(caller, graphId) : undefined;
    return new Map(
      [...found].map(([version, writer]) => [version, authorOf(writer, caller.id, source?.id ?? null)]),
    );
  }
}

/** Without an actor it was a source: nothing else writes versions by itself. */
function authorOf(
  { actorKey, tokenId }: VersionWriter,
  ownerId: string,
  sourceId: string | null,
): VersionAuthor {
  if (actorKey === null) return { kind: 'source', id: sourceId };
  return tokenId === null ? { kind: 'user', id: ownerId } : { kind: 'token', id: tokenId };
}
