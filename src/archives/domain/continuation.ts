/** What histories are compared by: a version's state. */
export interface HistoryState {
  sha256: string;
  deleted: boolean;
  title: string;
  description: string | null;
  status: string;
}

/**
 * How an archive's history of a graph relates to the one that is here. `continues`: the first `from` versions of the
 * archive are here, and nothing else. `pruned`: the archive's newest version is here, and some before it are not.
 */
export type Continuation = { kind: 'continues'; from: number } | { kind: 'held' | 'pruned' | 'differs' };

/** Compares the versions that are here with those of an archive, both oldest first and not empty. */
export function continuationOf(
  here: readonly HistoryState[],
  archived: readonly HistoryState[],
): Continuation {
  if (here.length < archived.length && here.every((state, index) => isEqual(state, archived[index])))
    return { kind: 'continues', from: here.length };
  const hashes = new Set(here.map(({ sha256 }) => sha256));
  if (archived.every(({ sha256 }) => hashes.has(sha256))) return { kind: 'held' };
  return { kind: isRestOf(here, archived) ? 'pruned' : 'differs' };
}

/** Whether what is here begins with some of the archive's versions in their order, the newest among them. */
function isRestOf(here: readonly HistoryState[], archived: readonly HistoryState[]): boolean {
  let matched = 0;
  for (const state of archived) if (isEqual(state, here[matched])) matched += 1;
  return matched > 0 && isEqual(here[matched - 1]!, archived.at(-1));
}

function isEqual(a: HistoryState, b: HistoryState | undefined): boolean {
  return (
    a.sha256 === b?.sha256 &&
    a.deleted === b.deleted &&
    a.title === b.title &&
    a.description === b.description &&
    a.status === b.status
  );
}
