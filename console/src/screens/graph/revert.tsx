import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import type { ApiError } from '../../api/problem';
import type { components } from '../../api/schema';
import { edgeName } from '../../parts/edge-name';
import { EditDialog } from '../../parts/edit-dialog';
import { Icon } from '../../parts/icon';
import { useResource } from '../../parts/use-resource';
import { conflictWords } from './conflict-words';

type Graph = components['schemas']['GraphView'];

interface Props {
  of: Graph;
  version: number;
  onChanged: () => void;
}

/** Takes back what one version changed, on top of what came later. */
export function Revert({ of, version, onChanged }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button small" onClick={() => setOpen(true)}>
        <Icon name="restore" size={15} /> Take back this change
      </button>
      {open && (
        <EditDialog
          title={`Take back what version ${version} changed?`}
          verb="Take it back"
          graph={of.id}
          present={of}
          edit={{ call: '/graphs/{id}/revert', version }}
          done={(made) => `The change of version ${version} is taken back, as version ${made}.`}
          explain={(error) =>
            error.code === 'conflict' && error.problem?.errors ? (
              <Conflicts of={error} graph={of.id} version={version} present={of.version} />
            ) : undefined
          }
          onClose={() => setOpen(false)}
          onDone={onChanged}
        >
          <p>
            Only the parts that version {version} changed become as they were before it. What came later
            stays. The graph gets a new version, so the present one ({of.version}) stays in the history.
          </p>
        </EditDialog>
      )}
    </>
  );
}

interface ConflictsProps {
  of: ApiError;
  graph: string;
  version: number;
  present: number;
}

/** What was changed again since, by name, and what to do instead. */
function Conflicts({ of, graph, version, present }: ConflictsProps) {
  const path = { id: graph };
  const names = useResource(
    async (signal) => {
      const query = { from: version - 1, to: version };
      const { nodes, edges } = (await api.get('/graphs/{id}/diff', { path, query, signal })).data;
      return new Map([
        ...Object.values(nodes).flatMap((list) => list.map(({ id, name }) => [id, name || id] as const)),
        ...Object.values(edges).flatMap((list) =>
          list.map((edge) => [`${edge.source} → ${edge.target}`, edgeName(edge)] as const),
        ),
      ]);
    },
    [graph, version],
  );
  const known = names.data ?? new Map<string, string>();
  return (
    <div class="note warning" role="alert">
      <div class="stack-small">
        <p>
          <strong>This change cannot be taken back by itself.</strong> These parts were changed again later,
          and that would be lost. Nothing was written.
        </p>
        <ul class="edit-names">
          {of.problem!.errors!.map(({ field, message }) => (
            <li key={field}>{conflictWords(field, message, known)}</li>
          ))}
        </ul>
        <p>
          <a href={`/graphs/${graph}/compare?from=${version - 1}&to=${present}`}>
            Compare version {version - 1} with now
          </a>{' '}
          and bring back the nodes that you want.
        </p>
      </div>
    </div>
  );
}
