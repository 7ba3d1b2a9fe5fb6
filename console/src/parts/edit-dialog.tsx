import type { ComponentChildren } from 'preact';
import { api } from '../api/client';
import type { ApiError } from '../api/problem';
import type { components } from '../api/schema';
import { Dialog } from './dialog';
import { EditPreview, isNothing, type Preview } from './edit-preview';
import { ErrorNote } from './error-note';
import { Loaded } from './loaded';
import { sayWithUndo } from './restore-version';
import { useAction } from './use-action';
import { useResource } from './use-resource';

type Graph = components['schemas']['GraphView'];

/** What is brought back: nodes of a version, or what one version changed. */
export type Edit =
  | { call: '/graphs/{id}/restore'; version: number; nodes: string[] }
  | { call: '/graphs/{id}/revert'; version: number };

interface Props {
  title: string;
  /** What the button says. */
  verb: string;
  graph: string;
  /** The present version, which the preview compares with. */
  present: { version: number; config_sha256: string };
  edit: Edit;
  /** What the message says when it is done; the number is that of the new version. */
  done: (version: number) => string;
  onClose: () => void;
  onDone: () => void;
  /** Draws errors that it understands better than their text. */
  explain?: (error: ApiError) => ComponentChildren;
  children: ComponentChildren;
}

async function send(
  graph: string,
  edit: Edit,
  etag: string,
  dryRun: boolean,
  signal?: AbortSignal,
): Promise<object> {
  const { version } = edit;
  const options = {
    path: { id: graph },
    query: dryRun ? { dry_run: 'true' as const } : {},
    headers: { 'if-match': etag },
    ...(signal && { signal }),
  };
  const { data } =
    edit.call === '/graphs/{id}/restore'
      ? await api.post(edit.call, { ...options, body: { version, nodes: edit.nodes } })
      : await api.post(edit.call, { ...options, body: { version } });
  return data;
}

/** Brings a part back: first shows what would change, then does it, then offers to undo it. */
export function EditDialog(props: Props) {
  const { title, verb, graph, present, edit, done, onClose, onDone, explain, children } = props;
  // Both calls are for the version that is on the screen: one that was made meanwhile is not overlooked.
  const etag = `"${present.version}-${present.config_sha256.slice(0, 16)}"`;
  const preview = useResource(
    async (signal) => (await send(graph, edit, etag, true, signal)) as Preview,
    [graph, etag, JSON.stringify(edit)],
  );
  const apply = useAction(async () => {
    const made = ((await send(graph, edit, etag, false)) as Graph).version;
    onClose();
    onDone();
    sayWithUndo(done(made), graph, present.version, onDone);
  });
  const error = apply.error ?? preview.error;
  const explained = error && explain?.(error);
  const isEmpty = preview.data !== undefined && isNothing(preview.data);
  return (
    <Dialog title={title} onClose={onClose} large>
      <div class="stack">
        {children}
        {explained ?? (error === apply.error && <ErrorNote error={error} />)}
        {!(explained && !preview.data) && <Loaded of={preview}>{(data) => <EditPreview of={data} />}</Loaded>}
      </div>
      <div class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class="button primary"
          disabled={apply.busy || preview.data === undefined || isEmpty || preview.error !== undefined}
          onClick={() => void apply.run()}
        >
          {verb}
        </button>
      </div>
    </Dialog>
  );
}
