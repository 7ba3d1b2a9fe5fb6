import { useState } from 'preact/hooks';
import { DataTable, type Column } from '../../parts/data-table';
import { Dialog } from '../../parts/dialog';
import { Empty } from '../../parts/empty';
import { bytes, count } from '../../parts/format';
import type { Effect, GraphVerdict } from './policy-calls';
import { Verdicts } from './verdicts';

/** Rows that are drawn at first, and with each click on "more". */
const ROWS = 200;

interface Props {
  of: Effect;
  id: string | undefined;
  /** The policy is not saved yet. */
  isDraft: boolean;
  /** A newer preview is on its way. */
  isStale: boolean;
}

/** What a policy removes and keeps. */
export function EffectView({ of, id, isDraft, isStale }: Props) {
  const gone =
    of.removed === 0
      ? 'No version goes'
      : `${count(of.removed, 'version')} would go, ${bytes(of.removed_bytes)} of configs`;
  return (
    <>
      <div>
        <h2>{isDraft ? 'If you save this' : 'With the present policy'}</h2>
        <p role="status">
          {gone}; {count(of.kept, 'version')} stay{of.kept === 1 && 's'}.{isStale && ' Looking again…'}
        </p>
        {of.removed > 0 && (
          <p class="muted small">
            Retention removes them with its next run. A policy that would remove unusually many is held until
            an operator agrees.
          </p>
        )}
      </div>
      {id === undefined ? <Graphs of={of.graphs} /> : of.graphs[0] && <Verdicts of={of.graphs[0].versions} />}
    </>
  );
}

function Graphs({ of }: { of: readonly GraphVerdict[] }) {
  const [rows, setRows] = useState(ROWS);
  const [open, setOpen] = useState<GraphVerdict>();
  const sorted = [...of].sort((one, other) => other.removed - one.removed);
  if (of.length === 0)
    return (
      <Empty title="No graphs yet">
        <p>As soon as there are versions, you see here which ones the policy keeps.</p>
      </Empty>
    );
  const columns: Array<Column<GraphVerdict>> = [
    {
      label: 'Graph',
      cell: ({ graph_id, title, policy }) => (
        <>
          <a href={`/policy/graphs/${graph_id}`}>{title}</a>{' '}
          {Object.values(policy.levels).includes('graph') && <span class="badge">own policy</span>}
        </>
      ),
    },
    { label: 'Stay', kind: 'number', cell: ({ kept }) => kept },
    {
      label: 'Go',
      kind: 'number',
      cell: ({ removed }) => (removed > 0 ? <strong class="chip-removed">{removed}</strong> : 0),
    },
    {
      label: 'Versions',
      kind: 'action',
      cell: (graph) => (
        <button
          type="button"
          class="button small"
          aria-label={`Versions of ${graph.title}`}
          onClick={() => setOpen(graph)}
        >
          Versions
        </button>
      ),
    },
  ];
  return (
    <>
      <DataTable
        label="Effect on each graph"
        columns={columns}
        rows={sorted.slice(0, rows)}
        keyOf={({ graph_id }) => graph_id}
      />
      {sorted.length > rows && (
        <p>
          <button type="button" class="button" onClick={() => setRows(rows + ROWS)}>
            Show more of {count(sorted.length, 'graph')}
          </button>
        </p>
      )}
      {open && (
        <Dialog title={open.title} large onClose={() => setOpen(undefined)}>
          <Verdicts of={open.versions} />
        </Dialog>
      )}
    </>
  );
}
