import type { components } from '../api/schema';
import { Words, wordsOf } from './change-summary';
import { edgeIds, edgeName, type Edge } from './edge-name';

type Diff = components['schemas']['DiffView'];

/** The difference that an edit would make; the document describes its parts as those of a difference. */
export type Preview = Pick<Diff, 'from' | 'to' | 'fields' | 'summary' | 'nodes' | 'edges' | 'other'> &
  Pick<components['schemas']['EditPreviewView'], 'left_out' | 'along'>;

/** Names that a list shows; the others are counted. */
const NAMED = 20;

/** Whether the edit would change nothing. */
export function isNothing(preview: Preview): boolean {
  return wordsOf({ ...preview, formatting_only: false }).length === 0;
}

/** What an edit would change, by name, and what it leaves out. */
export function EditPreview({ of }: { of: Preview }) {
  const { nodes, edges, along = [], left_out: left = [], other } = of;
  return (
    <section class="stack-small" aria-label="Preview">
      <div class="row">
        <strong>This will change:</strong>
        {isNothing(of) ? (
          <span>nothing, all of it is as it was</span>
        ) : (
          <Words of={wordsOf({ ...of, formatting_only: false })} />
        )}
      </div>
      <div class="edit-lists">
        <Names title="Nodes that come back" of={nodes.added.map(nodeItem)} />
        <Names title="Nodes that go" of={nodes.removed.map(nodeItem)} />
        <Names title="Nodes that change" of={[...nodes.changed, ...nodes.moved].map(nodeItem)} />
        <Names title="Edges that come back" of={edges.added.map(edgeItem)} />
        <Names title="Edges that go" of={edges.removed.map(edgeItem)} />
        <Names title="Other parts" of={other.map(({ path }) => ({ name: path || 'the document' }))} />
        <Names title="These come along" of={along.map(nodeItem)} />
      </div>
      {left.length > 0 && (
        <div class="note warning">
          <div class="stack-small">
            <p>These edges cannot come back:</p>
            <ul class="edit-names">
              {left.slice(0, NAMED).map((edge) => (
                <li key={`${edgeName(edge)} ${edge.source_port} ${edge.target_port}`} title={edgeIds(edge)}>
                  {edgeName(edge)}: {edge.reason}
                </li>
              ))}
              <More of={left.length} />
            </ul>
          </div>
        </div>
      )}
    </section>
  );
}

interface Item {
  name: string;
  /** Shown under the pointer: the ids behind the names. */
  ids?: string | undefined;
}

const nodeItem = ({ id, name }: { id: string; name: string }): Item => ({ name: name || id });
const edgeItem = (edge: Edge): Item => ({ name: edgeName(edge), ids: edgeIds(edge) });

function Names({ title, of }: { title: string; of: readonly Item[] }) {
  if (of.length === 0) return null;
  const shown = [...new Map(of.map((item) => [`${item.name} ${item.ids}`, item])).values()];
  return (
    <div>
      <h3>{title}</h3>
      <ul class="edit-names">
        {shown.slice(0, NAMED).map(({ name, ids }) => (
          <li key={`${name} ${ids}`} title={ids}>
            {name}
          </li>
        ))}
        <More of={shown.length} />
      </ul>
    </div>
  );
}

function More({ of }: { of: number }) {
  return of > NAMED ? <li class="muted">and {of - NAMED} more</li> : null;
}
