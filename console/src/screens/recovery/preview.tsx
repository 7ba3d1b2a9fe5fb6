import { useState } from 'preact/hooks';
import type { components } from '../../api/schema';
import { DataTable, type Column } from '../../parts/data-table';
import { count } from '../../parts/format';
import { Icon } from '../../parts/icon';
import { Time } from '../../parts/time';
import { ACTIONS, ORDER, changedIn, wordsOf, type Entry, type RecoveryAction } from './recovery-words';

type Recovery = components['schemas']['RecoveryView'];

/** Rows that are drawn at first, and with each click on "more". */
const ROWS = 200;

const COLUMNS: ReadonlyArray<Column<Entry>> = [
  {
    label: 'Graph',
    cell: ({ graph_id, title }) =>
      title === null ? <code>{graph_id}</code> : <a href={`/graphs/${graph_id}`}>{title}</a>,
  },
  {
    label: 'What happens',
    cell: ({ action }) => {
      const [text, kind] = ACTIONS[action];
      return <span class={`badge ${kind}`}>{text}</span>;
    },
  },
  {
    label: 'Details',
    cell: (entry) => (
      <span class="recovery-details">
        <Details of={entry} />
      </span>
    ),
  },
];

function Details({ of: { action, version, reason, nearest } }: { of: Entry }) {
  if (action === 'unreachable')
    return (
      <span>
        {reason && `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`}
        {nearest && (
          <>
            {' '}
            Nearest: <Time at={nearest} as="full" />
          </>
        )}
      </span>
    );
  if (action === 'delete' && version === null) return <span>It did not exist yet</span>;
  if (action === 'delete') return <span>It was in the trash then</span>;
  return <span>{version !== null && `as version ${version}`}</span>;
}

interface Props {
  of: Recovery;
  /** A newer preview is on its way. */
  stale: boolean;
  /** The recovery is in progress. */
  busy: boolean;
  onRecover: () => void;
  /** The rows to show; missing: all that change. */
  shown: string | undefined;
  onShown: (action: RecoveryAction | undefined) => void;
}

/** What a recovery would do to each graph. */
export function Preview({ of, stale, busy, onRecover, shown, onShown }: Props) {
  const chosen = ORDER.find((action) => action === shown) ?? 'all';
  const [rows, setRows] = useState(ROWS);
  const numberOf = (action: RecoveryAction) => of.graphs.filter((entry) => entry.action === action).length;
  const list = ORDER.filter((action) =>
    chosen === 'all' ? action !== 'unchanged' : action === chosen,
  ).flatMap((action) => of.graphs.filter((entry) => entry.action === action));
  const changed = changedIn(of).length;
  return (
    <section class="card card-pad stack" aria-label="Preview" aria-busy={stale}>
      <div class="row">
        <h2 class="grow">
          {changed === 0 ? 'Nothing would change' : `${count(changed, 'graph')} would change`}
        </h2>
        <button
          type="button"
          class="button primary"
          disabled={changed === 0 || stale || busy}
          onClick={onRecover}
        >
          <Icon name="recovery" />{' '}
          {busy ? 'Recovering…' : changed > 0 ? `Recover ${count(changed, 'graph')}` : 'Recover'}
        </button>
      </div>
      <p>
        At <Time at={of.at} as="full" />: {wordsOf(of)}.{' '}
        {changed > 0 && <span class="muted">All of it happens, or nothing. You can undo it.</span>}
      </p>
      <div class="row" role="group" aria-label="Filter">
        <Filter text="Changes" active={chosen === 'all'} onClick={() => onShown(undefined)} />
        {ORDER.filter((action) => numberOf(action) > 0).map((action) => (
          <Filter
            key={action}
            text={`${ACTIONS[action][0]} (${numberOf(action)})`}
            active={chosen === action}
            onClick={() => onShown(action)}
          />
        ))}
      </div>
      {list.length > 0 && (
        <DataTable
          label="What happens to each graph"
          columns={COLUMNS}
          rows={list.slice(0, rows)}
          keyOf={({ graph_id }) => graph_id}
        />
      )}
      {list.length > rows && (
        <p>
          <button type="button" class="button" onClick={() => setRows(rows + ROWS)}>
            Show more of {count(list.length, 'graph')}
          </button>
        </p>
      )}
    </section>
  );
}

function Filter({ text, active, onClick }: { text: string; active: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      class={active ? 'button small on' : 'button small'}
      aria-pressed={active}
      onClick={onClick}
    >
      {text}
    </button>
  );
}
