import { useRef, useState } from 'preact/hooks';
import { api } from '../api/client';
import { ApiError } from '../api/problem';
import type { components } from '../api/schema';
import { ErrorNote } from './error-note';
import { Field } from './field';
import { Icon } from './icon';
import { asApiError } from './use-resource';
import { useAction } from './use-action';

type Graph = components['schemas']['GraphView'];

interface Outcome {
  name: string;
  graph?: Graph;
  error?: ApiError;
}

/** Stores a document as a graph, byte for byte. Throws an ApiError for a text that is not one JSON value. */
async function store(title: string, text: string): Promise<Graph> {
  const config = text.replace(/^\uFEFF/, '').trim() || 'null';
  checkJson(config);
  const body = `{"title":${JSON.stringify(title)},"config":${config}}`;
  return (await api.post('/graphs', { body })).data as Graph;
}

/** Here and not in the service: it would count lines and columns in the request around the text. */
function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new ApiError(-1, `This is not valid JSON. ${(error as Error).message}.`);
  }
}

const TITLE_MAX = 200;
const titleOf = (file: string) => file.replace(/\.json$/i, '').slice(0, TITLE_MAX) || 'Graph';

/** Adds graphs from files that are dropped or chosen, or from pasted JSON. */
export function AddGraphs({ onAdded }: { onAdded: (graphs: Graph[]) => void }) {
  const [outcomes, setOutcomes] = useState<Outcome[]>([]);
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const files = useAction(async (chosen: File[]) => {
    const done: Outcome[] = [];
    for (const file of chosen) {
      try {
        done.push({ name: file.name, graph: await store(titleOf(file.name), await file.text()) });
      } catch (error) {
        done.push({ name: file.name, error: asApiError(error) });
      }
      setOutcomes([...done]);
    }
    if (done.every(({ error }) => !error)) onAdded(done.flatMap(({ graph }) => graph ?? []));
  });
  return (
    <div class="stack">
      <div
        class={over ? 'drop over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void files.run([...(event.dataTransfer?.files ?? [])]);
        }}
      >
        <Icon name="upload" size={24} />
        <p>
          <strong>Drop files here</strong>
        </p>
        <p class="muted small">
          Exports of n8n, Node-RED, Langflow, Flowise, ComfyUI, Grafana, or any other JSON
        </p>
        <button type="button" class="button" disabled={files.busy} onClick={() => input.current?.click()}>
          {files.busy ? 'Storing…' : 'Choose files'}
        </button>
        <input
          ref={input}
          class="sr-only"
          type="file"
          multiple
          accept=".json,application/json"
          tabIndex={-1}
          aria-label="Files to add"
          onChange={(event) => void files.run([...(event.currentTarget.files ?? [])])}
        />
      </div>
      {outcomes.length > 0 && <Outcomes of={outcomes} />}
      <Paste onAdded={(graph) => onAdded([graph])} />
    </div>
  );
}

function Outcomes({ of }: { of: readonly Outcome[] }) {
  return (
    <ul class="stack-small" aria-label="Added files">
      {of.map(({ name, graph, error }) => (
        <li key={name}>
          {graph && (
            <p class="row">
              <span class="badge ok">stored</span> <a href={`/graphs/${graph.id}`}>{graph.title}</a>
            </p>
          )}
          {error && (
            <div class="stack-small">
              <p class="row">
                <span class="badge danger">not stored</span> <span>{name}</span>
              </p>
              <ErrorNote error={error} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function Paste({ onAdded }: { onAdded: (graph: Graph) => void }) {
  const [open, setOpen] = useState(false);
  const [title, setTitle] = useState('');
  const [text, setText] = useState('');
  const action = useAction(async () => onAdded(await store(title, text)));
  if (!open)
    return (
      <p>
        <button type="button" class="button quiet" onClick={() => setOpen(true)}>
          <Icon name="copy" /> Paste JSON instead
        </button>
      </p>
    );
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void action.run();
      }}
    >
      <Field
        label="Title"
        required
        maxLength={TITLE_MAX}
        value={title}
        onValue={setTitle}
        fault={action.error?.fault('title')}
      />
      <div class="field">
        <label for="pasted-json">JSON</label>
        <textarea
          id="pasted-json"
          class="input code"
          rows={8}
          required
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <ErrorNote error={action.error} />
      <p>
        <button type="submit" class="button primary" disabled={action.busy}>
          Store
        </button>
      </p>
    </form>
  );
}
