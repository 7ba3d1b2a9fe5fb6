import './compare.css';
import { useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import { addressOf, api } from '../../api/client';
import type { components } from '../../api/schema';
import { Words, wordsOf } from '../../parts/change-summary';
import { Icon } from '../../parts/icon';
import { Loaded, Waiting } from '../../parts/loaded';
import { Missing } from '../../parts/missing';
import { PageHead } from '../../parts/page-head';
import { RestoreDialog } from '../../parts/restore-dialog';
import { useResource, type Resource } from '../../parts/use-resource';
import { GraphTab, type Go } from './graph-tab';
import { JsonTab } from './json-tab';
import { OtherGraph } from './other-graph';
import { RestoreNodes } from './restore-nodes';
import { VersionSelect } from './version-select';

type Version = components['schemas']['VersionView'];

/** The most versions that the selects offer. */
const VERSIONS = 500;

/** Two versions of a graph, or two graphs, side by side: what changed, where, and from what to what. */
export function Compare() {
  const { id } = useRoute().params as { id: string };
  const { query, route } = useLocation();
  const other = query['with'];
  const versions = useVersions(id);
  const others = useVersions(other ?? id);
  const go: Go = (change) => route(addressOf(`/graphs/${id}/compare`, {}, { ...query, ...change }), true);
  return (
    <div class="wide-screen">
      <Loaded of={versions} missing={<Missing what="graph" home="/graphs" to="To your graphs" />}>
        {(mine) => (
          <Loaded of={others}>
            {(theirs) => (
              <Sides
                key={`${id} ${other}`}
                id={id}
                mine={mine}
                theirs={theirs}
                go={go}
                reload={versions.reload}
              />
            )}
          </Loaded>
        )}
      </Loaded>
    </div>
  );
}

function useVersions(id: string): Resource<Version[]> {
  return useResource(
    async (signal) =>
      (await api.get('/graphs/{id}/versions', { path: { id }, query: { limit: VERSIONS }, signal })).data,
    [id],
  );
}

interface SidesProps {
  id: string;
  mine: Version[];
  theirs: Version[];
  go: Go;
  reload: () => void;
}

function Sides({ id, mine, theirs, go, reload }: SidesProps) {
  const { query, route } = useLocation();
  const [choosing, setChoosing] = useState(false);
  const [restoring, setRestoring] = useState(false);
  const [nodes, setNodes] = useState<string[]>();
  const other = query['with'];
  const present = mine[0]!;
  const to = Number(query['to']) || theirs[0]!.version;
  const before = mine.find(({ version }) => version < to)?.version ?? present.version;
  const from = Number(query['from']) || (other === undefined ? before : present.version);
  const sides = { from, to, ...(other !== undefined && { with: other }) };
  const diff = useResource(
    async (signal) => {
      const options = { path: { id }, query: { ...sides, include: 'before' as const }, signal };
      return (await api.get('/graphs/{id}/diff', options)).data;
    },
    [id, from, to, other],
  );
  const old = mine.find(({ version }) => version === from);
  const tab = query['tab'] === 'json' ? 'json' : 'graph';
  return (
    <>
      <PageHead
        title={`Compare ${present.title}`}
        crumbs={
          <>
            <a href="/graphs">Graphs</a> / <a href={`/graphs/${id}`}>{present.title}</a>
          </>
        }
        lead={diff.data && <Words of={wordsOf(diff.data)} />}
      >
        <button type="button" class="button" onClick={() => setChoosing(true)}>
          <Icon name="compare" /> Another graph
        </button>
        {old && from !== present.version && (
          <button type="button" class="button primary" onClick={() => setRestoring(true)}>
            <Icon name="restore" /> Bring back version {from}
          </button>
        )}
      </PageHead>
      <div class="compare-bar">
        <VersionSelect label="From" versions={mine} value={from} onValue={(value) => go({ from: value })} />
        <VersionSelect
          label={other === undefined ? 'To' : `To, of ${theirs[0]!.title}`}
          versions={theirs}
          value={to}
          onValue={(value) => go({ to: value })}
        />
        {tab === 'graph' && (
          <label class="check">
            <input
              type="checkbox"
              checked={query['moves'] === 'hide'}
              onChange={(event) => go({ moves: event.currentTarget.checked ? 'hide' : undefined })}
            />
            Hide moves
          </label>
        )}
        <nav class="tabs" aria-label="Views">
          {(['graph', 'json'] as const).map((name) => (
            <button
              key={name}
              type="button"
              aria-current={tab === name ? 'page' : undefined}
              onClick={() => go({ tab: name === 'json' ? name : undefined })}
            >
              {name === 'json' ? 'JSON' : 'Graph'}
            </button>
          ))}
        </nav>
      </div>
      {tab === 'json' ? (
        <JsonTab from={{ graph: id, version: from }} to={{ graph: other ?? id, version: to }} />
      ) : (
        <Loaded of={diff} waiting={<Waiting lines={1} height={480} />}>
          {(data) => (
            <GraphTab
              diff={data}
              picture={addressOf(`/graphs/${id}/diff.svg`, {}, { ...sides, legend: 'false' })}
              go={go}
              {...(old && other === undefined && from !== present.version && { onRestore: setNodes })}
            />
          )}
        </Loaded>
      )}
      {choosing && (
        <OtherGraph
          onClose={() => setChoosing(false)}
          onChoose={(chosen) => route(addressOf(`/graphs/${id}/compare`, {}, { with: chosen }))}
        />
      )}
      {nodes && (
        <RestoreNodes
          graph={id}
          version={from}
          nodes={nodes}
          present={present}
          onClose={() => setNodes(undefined)}
          onDone={() => {
            reload();
            route(`/graphs/${id}`);
          }}
        />
      )}
      {restoring && old && (
        <RestoreDialog
          graph={id}
          version={from}
          at={old.created_at}
          present={present.version}
          onClose={() => setRestoring(false)}
          onDone={() => {
            reload();
            route(`/graphs/${id}`);
          }}
        />
      )}
    </>
  );
}
