import { Icon } from '../../parts/icon';
import { canReturn, type Change, type Property } from './changes';
import { compareLines, type Line } from './lines';

/** A value is shown up to this length, characters. */
const SHOWN_MAX = 4_000;
/** Equal lines around a change that are shown. */
const CONTEXT = 3;

interface Props {
  change: Change | undefined;
  /** Brings nodes of the older version back; missing: they can't come back. */
  onRestore?: ((nodes: string[]) => void) | undefined;
}

/** What changed in the selected node, edge or part: each value, old and new. */
export function Properties({ change, onRestore }: Props) {
  if (!change)
    return <p class="muted">Select a change in the list or in the picture to see its old and new values.</p>;
  const { title, detail, kind, properties } = change;
  return (
    <div class="stack-small">
      <h2 class="compare-title">{title}</h2>
      <p class="small muted">
        <span class={`chip-${kind}`}>{kind}</span> {detail}
      </p>
      {onRestore && canReturn(change) && (
        <div>
          <button type="button" class="button small" onClick={() => onRestore([change.selection!.id])}>
            <Icon name="restore" size={15} /> Bring back this node
          </button>
        </div>
      )}
      {properties.map((property, index) => (
        <PropertyChange key={`${property.path} ${index}`} of={property} />
      ))}
      {properties.length === 0 && kind === 'changed' && <p class="muted">No value differs.</p>}
    </div>
  );
}

function PropertyChange({ of: { path, old, now } }: { of: Property }) {
  const isLong = [old, now].some((value) => typeof value === 'string' && value.includes('\n'));
  return (
    <section class="property">
      <h3 class="mono">{path}</h3>
      {isLong && typeof old === 'string' && typeof now === 'string' ? (
        <Lines of={compareLines(old, now)} />
      ) : (
        <>
          {old !== undefined && (
            <p class="value value-old">
              <span class="sr-only">Old: </span>
              {shown(old)}
            </p>
          )}
          {now !== undefined && (
            <p class="value value-now">
              <span class="sr-only">New: </span>
              {shown(now)}
            </p>
          )}
        </>
      )}
    </section>
  );
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 1);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}… (${text.length} characters)` : text;
}

const SIGNS = { same: ' ', added: '+', removed: '−' } as const;
const NAMES = { same: '', added: 'Added: ', removed: 'Removed: ' } as const;

function Lines({ of }: { of: readonly Line[] }) {
  const near = (index: number) =>
    of.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ kind }) => kind !== 'same');
  return (
    <div class="lines">
      {of.map(({ kind, text }, index) => {
        if (!near(index)) return near(index - 1) ? <p key={index}>⋯</p> : null;
        return (
          <p key={index} class={`line-${kind}`}>
            <span aria-hidden="true">{SIGNS[kind]} </span>
            {NAMES[kind] && <span class="sr-only">{NAMES[kind]}</span>}
            {text}
          </p>
        );
      })}
    </div>
  );
}
