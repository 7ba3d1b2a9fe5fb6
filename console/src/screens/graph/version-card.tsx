import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { configText, save } from '../../parts/documents';
import { ErrorNote } from '../../parts/error-note';
import { Field } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { Loaded, Waiting } from '../../parts/loaded';
import { Time } from '../../parts/time';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';
import { Push } from './push';
import { Revert } from './revert';

type Graph = components['schemas']['GraphView'];
type Version = components['schemas']['VersionView'];

interface Props {
  of: Graph;
  number: number;
  onRestore: (version: Version) => void;
  onMarked: () => void;
  /** The graph has a new version. */
  onChanged: () => void;
}

/** The selected version: compare it, bring all or a part of it back, download it, push it, label and pin it. */
export function VersionCard({ of, number, onRestore, onMarked, onChanged }: Props) {
  const { id: graph, version: present } = of;
  const version = useResource(
    async (signal) =>
      (await api.get('/graphs/{id}/versions/{version}', { path: { id: graph, version: number }, signal }))
        .data,
    [graph, number],
  );
  const download = useAction(async () => {
    const title = version.data?.title ?? 'graph';
    save(`${title} v${number}.json`, await configText(graph, number));
  });
  const copy = useAction(async () => {
    await navigator.clipboard.writeText(await configText(graph, number));
    say(`The JSON of version ${number} is on the clipboard.`);
  });
  const compare = (from: number, to: number) => `/graphs/${graph}/compare?from=${from}&to=${to}`;
  return (
    <Loaded of={version} waiting={<Waiting lines={2} height={34} />}>
      {(data) => (
        <div class="stack-small version-card">
          <div class="row">
            <h2 class="grow">
              Version {number}{' '}
              <span class="muted small">
                <Time at={data.created_at} as="full" />
              </span>
            </h2>
            {number > 1 && (
              <a class="button" href={compare(number - 1, number)}>
                <Icon name="compare" /> What changed
              </a>
            )}
            {number !== present && (
              <a class="button" href={compare(number, present)}>
                <Icon name="compare" /> Compare with now
              </a>
            )}
            {number !== present && (
              <button type="button" class="button primary" onClick={() => onRestore(data)}>
                <Icon name="restore" /> Bring back
              </button>
            )}
          </div>
          <ErrorNote error={download.error ?? copy.error} />
          <div class="row">
            <Marks
              graph={graph}
              version={data}
              onSaved={(saved) => {
                version.set({ ...data, ...saved });
                onMarked();
              }}
            />
            <button
              type="button"
              class="button small"
              aria-label={`Copy version ${number}`}
              disabled={copy.busy}
              onClick={() => void copy.run()}
            >
              <Icon name="copy" size={15} /> Copy
            </button>
            <button
              type="button"
              class="button small"
              aria-label={`Download version ${number}`}
              disabled={download.busy}
              onClick={() => void download.run()}
            >
              <Icon name="download" size={15} /> Download
            </button>
            {number > 1 && <Revert of={of} version={number} onChanged={onChanged} />}
            {of.source && !READ_ONLY.has(of.source.kind) && (
              <Push graph={graph} version={number} onPushed={onChanged} />
            )}
          </div>
        </div>
      )}
    </Loaded>
  );
}

/** Kinds of sources that are only read. */
const READ_ONLY: ReadonlySet<string> = new Set(['http', 'folder']);

interface MarksProps {
  graph: string;
  version: Version;
  onSaved: (version: Version) => void;
}

function Marks({ graph, version, onSaved }: MarksProps) {
  const [editing, setEditing] = useState(false);
  const [label, setLabel] = useState(version.label ?? '');
  const path = { id: graph, version: version.version };
  const mark = useAction(async (body: { label?: string | null; pinned?: boolean }) => {
    const { data } = await api.patch('/graphs/{id}/versions/{version}', { path, body });
    onSaved(data);
    setEditing(false);
    say(data.pinned || data.label ? 'This version is never pruned.' : 'Retention may prune this version.');
  });
  return (
    <div class="row">
      <button
        type="button"
        class="button small"
        aria-pressed={version.pinned}
        disabled={mark.busy}
        onClick={() => void mark.run({ pinned: !version.pinned })}
      >
        <Icon name="pin" size={15} /> {version.pinned ? 'Unpin' : 'Pin'}
      </button>
      {!editing && (
        <button type="button" class="button small" onClick={() => setEditing(true)}>
          <Icon name="label" size={15} /> <span class="cut">{version.label ?? 'Add a label'}</span>
        </button>
      )}
      {editing && (
        <form
          class="row label-form"
          onSubmit={(event) => {
            event.preventDefault();
            void mark.run({ label: label.trim() === '' ? null : label });
          }}
        >
          <Field
            label="Label"
            maxLength={100}
            autofocus
            value={label}
            onValue={setLabel}
            fault={mark.error?.fault('label')}
          />
          <button type="submit" class="button" disabled={mark.busy}>
            Save label
          </button>
        </form>
      )}
      <ErrorNote error={mark.error} />
    </div>
  );
}
