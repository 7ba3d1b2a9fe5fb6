import { useEffect, useRef } from 'preact/hooks';
import { canReturn, type Change } from './changes';

const SIGNS = { added: '+', removed: '−', changed: '~', moved: '»' } as const;

interface Props {
  changes: readonly Change[];
  selected: Change | undefined;
  onSelect: (change: Change) => void;
  /** Ids of the nodes that are chosen to come back; missing: nothing is chosen at the moment. */
  chosen?: ReadonlySet<string>;
  onChosen?: (chosen: ReadonlySet<string>) => void;
}

/** More changes than these are counted, so that the list stays quick. */
const SHOWN_MAX = 500;

/** The changes of a comparison, by group. */
export function ChangeList({ changes, selected, onSelect, chosen, onChosen }: Props) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [selected?.key]);
  const shown = changes.slice(0, SHOWN_MAX);
  const groups = [...new Set(shown.map(({ group }) => group))];
  return (
    <div ref={list} class="change-list">
      {groups.map((group) => (
        <section key={group} aria-label={group}>
          <h2 class="change-group">{group}</h2>
          <ul>
            {shown
              .filter((change) => change.group === group)
              .map((change) => (
                <li key={change.key} class={chosen && canReturn(change) ? 'choosable' : ''}>
                  {chosen && canReturn(change) && (
                    <input
                      type="checkbox"
                      aria-label={`Bring back ${change.title}`}
                      checked={chosen.has(change.selection!.id)}
                      onChange={({ currentTarget: { checked } }) =>
                        onChosen?.(toggled(chosen, change.selection!.id, checked))
                      }
                    />
                  )}
                  <button
                    type="button"
                    class="change"
                    aria-current={change.key === selected?.key ? 'true' : undefined}
                    title={change.ids}
                    onClick={() => onSelect(change)}
                  >
                    <span class={`change-sign chip-${change.kind}`} aria-hidden="true">
                      {SIGNS[change.kind]}
                    </span>
                    <span class="grow">
                      <span class="sr-only">{change.kind}: </span>
                      <span class="cut change-title">{change.title}</span>
                      {change.detail && <span class="cut small muted change-title">{change.detail}</span>}
                    </span>
                  </button>
                </li>
              ))}
          </ul>
        </section>
      ))}
      {changes.length > SHOWN_MAX && (
        <p class="muted small change-group">
          and {changes.length - SHOWN_MAX} more; the tab JSON has all of them
        </p>
      )}
    </div>
  );
}

function toggled(chosen: ReadonlySet<string>, id: string, isOn: boolean): ReadonlySet<string> {
  const others = [...chosen].filter((one) => one !== id);
  return new Set(isOn ? [...others, id] : others);
}
