import type { components } from '../../api/schema';
import { EditDialog } from '../../parts/edit-dialog';
import { count } from '../../parts/format';

interface Props {
  graph: string;
  version: number;
  nodes: string[];
  present: components['schemas']['VersionView'];
  onClose: () => void;
  onDone: () => void;
}

/** Brings chosen nodes of a version back into the present graph. */
export function RestoreNodes({ graph, version, nodes, present, onClose, onDone }: Props) {
  const what = count(nodes.length, 'node');
  return (
    <EditDialog
      title={`Bring back ${what} of version ${version}?`}
      verb={`Bring back ${what}`}
      graph={graph}
      present={present}
      edit={{ call: '/graphs/{id}/restore', version, nodes }}
      done={(made) =>
        `${what} of version ${version} ${nodes.length === 1 ? 'is' : 'are'} back, as version ${made}.`
      }
      onClose={onClose}
      onDone={onDone}
    >
      <p>
        Only these nodes become as they were in version {version}, with the edges between them and to nodes
        that exist. Everything else stays as it is now. The graph gets a new version, so the present one (
        {present.version}) stays in the history.
      </p>
    </EditDialog>
  );
}
