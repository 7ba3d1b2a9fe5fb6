import { Dialog } from '../../parts/dialog';
import { GraphPicker } from '../../parts/graph-picker';

/** Chooses another graph to compare with. */
export function OtherGraph({ onChoose, onClose }: { onChoose: (id: string) => void; onClose: () => void }) {
  return (
    <Dialog title="Compare with another graph" onClose={onClose}>
      <GraphPicker label="Title" onChoose={({ id }) => onChoose(id)} />
    </Dialog>
  );
}
