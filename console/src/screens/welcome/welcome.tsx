import { useLocation } from 'preact-iso';
import { AddGraphs } from '../../parts/add-graphs';
import { PageHead } from '../../parts/page-head';
import { currentUser } from '../../parts/shell';

const TOOLS = [
  ['n8n', 'n8n'],
  ['node-red', 'Node-RED'],
  ['grafana', 'Grafana'],
  ['langflow', 'Langflow'],
  ['flowise', 'Flowise'],
  ['comfyui', 'ComfyUI'],
  ['http', 'Another tool'],
] as const;

/** The first minutes: from a new account to a stored graph, and how its next versions arrive. */
export function Welcome() {
  const { route } = useLocation();
  const address = `${window.location.origin}/api/v1/graphs`;
  return (
    <div class="stack">
      <PageHead
        title="Add your first graph"
        lead={`Signed in as ${currentUser().email}. Every version that you store is kept and comes back byte for byte.`}
      />
      <section class="card card-pad">
        <AddGraphs
          onAdded={(graphs) => route(graphs.length === 1 ? `/graphs/${graphs[0]!.id}` : '/graphs')}
        />
      </section>
      <section class="card card-pad stack-small">
        <h2>Connect a tool</h2>
        <p class="muted">
          The service reads all graphs of the tool, now and every few minutes, and keeps each change. Nothing
          is installed at the tool.
        </p>
        <p class="row">
          {TOOLS.map(([kind, name]) => (
            <a key={kind} class="button" href={`/sources/new?kind=${kind}`}>
              {name}
            </a>
          ))}
        </p>
      </section>
      <section class="card card-pad stack-small">
        <h2>Send changes from your tool</h2>
        <p class="muted">
          Any program that can send a request keeps the history going by itself. It sends the graph to this
          address with an API token:
        </p>
        <p>
          <code>POST {address}</code>
        </p>
        <p>
          <a href="/graphs">Skip this for now</a>
        </p>
      </section>
    </div>
  );
}
