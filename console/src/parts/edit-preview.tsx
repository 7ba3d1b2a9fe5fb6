import type { components } from '../api/schema';
import { Words, wordsOf } from './change-summary';

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
  const { nodes, along = [], left_out: left = [], other } = of;
  const names = new Map(
    [...Object.values(nodes).flat(), ...along].map(({ id, name }) => [id, name || id] as const),
  );
  const edgeName = ({ source, target }: { source: string; target: string }) =>
    `${names.get(source) ?? source} › ${names.get(target) ?? target}`;
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
        <Names title="Nodes that come back" of={nodes.added.map(({ id, name }) => name || id)} />
        <Names title="Nodes that go" of={nodes.removed.map(({ id, name }) => name || id)} />
        <Names
          title="Nodes that change"
          of={[...nodes.changed, ...nodes.moved].map(({ id, name }) => name || id)}
        />
        <Names title="Edges that come back" of={of.edges.added.map(edgeName)} />
        <Names title="Edges that go" of={of.edges.removed.map(edgeName)} />
        <Names title="Other parts" of={other.map(({ path }) => path || 'the document')} />
        <Names title="These come along" of={along.map(({ id, name }) => name || id)} />
      </div>
      {left.length > 0 && (
        <div class="note warning">
          <div class="stack-small">
            <p>These edges cannot come back:</p>
            <ul class="edit-names">
              {left.slice(0, NAMED).map((edge) => (
                <li key={`${edgeName(edge)} ${edge.source_port} ${edge.target_port}`}>
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

function Names({ title, of }: { title: string; of: readonly string[] }) {
  if (of.length === 0) return null;
  const shown = [...new Set(of)];
  return (
    <div>
      <h3>{title}</h3>
      <ul class="edit-names">
        {shown.slice(0, NAMED).map((name) => (
          <li key={name}>{name}</li>
        ))}
        <More of={shown.length} />
      </ul>
    </div>
  );
}

function More({ of }: { of: number }) {
  return of > NAMED ? <li class="muted">and {of - NAMED} more</li> : null;
}
