import { count } from '../../parts/format';
import { canReturn, type Change } from './changes';

interface Props {
  /** The version that the nodes come from. */
  version: number;
  changes: readonly Change[];
  chosen: ReadonlySet<string> | undefined;
  onChosen: (chosen: ReadonlySet<string> | undefined) => void;
  onRestore: (nodes: string[]) => void;
}

/** Begins and ends the choice of nodes that come back alone. */
export function ChooseBar({ version, changes, chosen, onChosen, onRestore }: Props) {
  if (!chosen)
    return (
      <div class="choose-bar">
        <button type="button" class="button small wide" onClick={() => onChosen(new Set())}>
          Bring back some nodes
        </button>
      </div>
    );
  return (
    <div class="choose-bar stack-small" role="group" aria-label="Chosen nodes">
      <p class="small muted">Choose nodes of version {version}. Everything else stays as it is now.</p>
      <div class="row">
        <button
          type="button"
          class="button small"
          onClick={() => onChosen(new Set(changes.filter(canReturn).map(({ selection }) => selection!.id)))}
        >
          All
        </button>
        <button type="button" class="button small" onClick={() => onChosen(undefined)}>
          Cancel
        </button>
        <button
          type="button"
          class="button small primary"
          disabled={chosen.size === 0}
          onClick={() => onRestore([...chosen])}
        >
          Bring back {count(chosen.size, 'node')}
        </button>
      </div>
    </div>
  );
}
