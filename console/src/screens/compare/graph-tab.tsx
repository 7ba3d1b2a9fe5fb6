import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { components } from '../../api/schema';
import { count } from '../../parts/format';
import { Icon } from '../../parts/icon';
import { Picture, type PictureHandle } from '../../parts/picture';
import { ChangeList } from './change-list';
import { canReturn, changesOf, type Change } from './changes';
import { ChooseBar } from './choose-bar';
import { Properties } from './properties';

type Diff = components['schemas']['DiffView'];
export type Go = (change: Record<string, string | number | undefined>) => void;

interface Props {
  diff: Diff;
  picture: string;
  go: Go;
  /** Nodes of the older version were chosen to come back; missing: they can't. */
  onRestore?: (nodes: string[]) => void;
}

/** The comparison as a list, a picture, and values; by list and keyboard from change to change. */
export function GraphTab({ diff, picture, go, onRestore }: Props) {
  const { query } = useLocation();
  const [chosen, setChosen] = useState<ReadonlySet<string>>();
  const hideMoves = query['moves'] === 'hide';
  const changes = useMemo(() => changesOf(diff, hideMoves), [diff, hideMoves]);
  const selected = changes.find(({ key }) => key === query['change']);
  const handle = useRef<PictureHandle>(null);
  const select = (change: Change | undefined) => {
    go({ change: change?.key });
    if (change?.selection) handle.current?.show(change.selection);
  };
  const step = (by: number) => {
    const index = changes.findIndex(({ key }) => key === selected?.key);
    select(
      changes[index < 0 ? (by > 0 ? 0 : changes.length - 1) : (index + by + changes.length) % changes.length],
    );
  };
  useKeys({ n: () => step(1), j: () => step(1), p: () => step(-1), k: () => step(-1) });
  if (changes.length === 0) return <NoChange diff={diff} hideMoves={hideMoves} />;
  return (
    <div class="compare">
      <section class="card compare-list" aria-label="Changes">
        <div class="row compare-steps">
          <span class="grow small muted">
            {selected
              ? `${changes.indexOf(selected) + 1} of ${changes.length}`
              : count(changes.length, 'change')}
          </span>
          <button
            type="button"
            class="button small icon"
            aria-label="Previous change (p)"
            onClick={() => step(-1)}
          >
            <Icon name="left" size={16} />
          </button>
          <button
            type="button"
            class="button small icon"
            aria-label="Next change (n)"
            onClick={() => step(1)}
          >
            <Icon name="right" size={16} />
          </button>
        </div>
        <ChangeList
          changes={changes}
          selected={selected}
          onSelect={select}
          {...(onRestore && chosen && { chosen, onChosen: setChosen })}
        />
        {onRestore && changes.some(canReturn) && (
          <ChooseBar
            version={diff.from}
            changes={changes}
            chosen={chosen}
            onChosen={setChosen}
            onRestore={onRestore}
          />
        )}
      </section>
      <Picture
        address={picture}
        label={`What changed from version ${diff.from} to version ${diff.to}`}
        selected={selected?.selection}
        hideMoves={hideMoves}
        handle={handle}
        onSelect={(selection) =>
          go({
            change: changes.find(
              (change) =>
                change.selection?.kind === selection?.kind && change.selection?.id === selection?.id,
            )?.key,
          })
        }
      />
      <section class="card card-pad compare-properties" aria-label="Values" aria-live="polite" tabIndex={0}>
        <Properties change={selected} onRestore={onRestore} />
      </section>
    </div>
  );
}

function NoChange({ diff, hideMoves }: { diff: Diff; hideMoves: boolean }) {
  const moved = diff.nodes.moved.length;
  const text = diff.formatting_only
    ? 'The bytes differ, but only in their formatting: both mean the same.'
    : hideMoves && moved > 0
      ? 'Nodes were only moved.'
      : 'Both versions are the same.';
  return <p class="note info">{text}</p>;
}

/** Keys of the whole screen, except while something is typed. */
function useKeys(keys: Record<string, () => void>): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest('input, textarea, select, dialog')) return;
      if (Object.hasOwn(current.current, event.key)) current.current[event.key]?.();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}
