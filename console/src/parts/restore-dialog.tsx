import { api } from '../api/client';
import { Words, wordsOf } from './change-summary';
import { Dialog } from './dialog';
import { ErrorNote } from './error-note';
import { Loaded, Waiting } from './loaded';
import { Picture } from './picture';
import { restoreVersion, sayWithUndo } from './restore-version';
import { Time } from './time';
import { useAction } from './use-action';
import { useResource } from './use-resource';

interface Props {
  graph: string;
  /** The version to bring back, and when it was made. */
  version: number;
  at: string;
  /** The present version. */
  present: number;
  onClose: () => void;
  /** The graph has a new version, by the restore or by its undo. */
  onDone: () => void;
}

/** Brings a version back: first shows what would change, then does it, then offers to undo it. */
export function RestoreDialog({ graph, version, at, present, onClose, onDone }: Props) {
  const path = { id: graph };
  const preview = useResource(
    async (signal) =>
      (await api.get('/graphs/{id}/diff/summary', { path, query: { from: present, to: version }, signal }))
        .data,
    [graph, version, present],
  );
  const restore = useAction(async () => {
    const made = await restoreVersion(graph, version);
    onClose();
    onDone();
    sayWithUndo(`Version ${version} is back, as version ${made}.`, graph, present, onDone);
  });
  return (
    <Dialog title={`Bring back version ${version}?`} onClose={onClose} large>
      <div class="stack">
        <p>
          The graph becomes as it was <Time at={at} as="full" />. It gets a new version, so the present one (
          {present}) stays in the history.
        </p>
        <div class="row">
          <strong>This will change:</strong>
          <Loaded of={preview} waiting={<Waiting lines={1} height={20} />}>
            {(summary) => <Words of={wordsOf(summary)} />}
          </Loaded>
        </div>
        <Picture
          address={`/graphs/${graph}/diff.svg?from=${present}&to=${version}&legend=false`}
          label={`What bringing back version ${version} changes`}
        />
        <ErrorNote error={restore.error} />
      </div>
      <div class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class="button primary"
          disabled={restore.busy}
          onClick={() => void restore.run()}
        >
          {restore.busy ? 'Bringing back…' : `Bring back version ${version}`}
        </button>
      </div>
    </Dialog>
  );
}
