import './graph.css';
import { useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { BackupBadge } from '../../parts/backup-badge';
import { configText, save } from '../../parts/documents';
import { bytes, count } from '../../parts/format';
import { ErrorNote } from '../../parts/error-note';
import { Icon } from '../../parts/icon';
import { Loaded } from '../../parts/loaded';
import { Missing } from '../../parts/missing';
import { PageHead } from '../../parts/page-head';
import { Picture } from '../../parts/picture';
import { RestoreDialog } from '../../parts/restore-dialog';
import { Time } from '../../parts/time';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';
import { partOf, usePages } from '../../parts/use-pages';
import { useResource } from '../../parts/use-resource';
import { AsOf } from './as-of';
import { Timeline } from './timeline';
import { VersionCard } from './version-card';

type Graph = components['schemas']['GraphView'];
type Version = components['schemas']['ListedVersionView'];

/** One graph: its versions on a timeline, and the selected version as a picture. */
export function GraphScreen() {
  const { id } = useRoute().params as { id: string };
  const graph = useResource(
    async (signal) => (await api.get('/graphs/{id}', { path: { id }, signal })).data,
    [id],
  );
  return (
    <div class="wide-screen">
      <Loaded of={graph} missing={<Missing what="graph" home="/graphs" to="To your graphs" />}>
        {(data) => <GraphPage key={data.id} graph={data} reload={graph.reload} />}
      </Loaded>
    </div>
  );
}

function GraphPage({ graph, reload }: { graph: Graph; reload: () => void }) {
  const { id, version: present } = graph;
  const { query, route } = useLocation();
  const [restoring, setRestoring] = useState<Version>();
  const versions = usePages<Version>(
    async (skip, limit, signal) => {
      const { data, headers } = await api.get('/graphs/{id}/versions', {
        path: { id },
        query: { skip, limit, include: 'author' },
        signal,
      });
      return partOf(data, headers);
    },
    [id, present],
  );
  const selected = Number(query['version']) || present;
  const [side, setSide] = useState<Side>(query['version'] ? 'version' : 'history');
  const select = (version: number) => {
    route(`/graphs/${id}?version=${version}`, true);
    setSide('version');
  };
  const changed = () => {
    route(`/graphs/${id}`, true);
    setSide('history');
    reload();
  };
  return (
    <>
      <PageHead
        title={graph.title}
        crumbs={<a href="/graphs">Graphs</a>}
        lead={
          <span class="row small">
            <span class="badge">{graph.status}</span>
            <BackupBadge status={graph.backup_status} />
            <span>
              {count(present, 'version')}, {bytes(graph.config_bytes)}, changed <Time at={graph.updated_at} />
            </span>
            {graph.source && <SourceLink of={graph.source} />}
          </span>
        }
      >
        <Actions graph={graph} />
      </PageHead>
      {graph.description && <p class="graph-description">{graph.description}</p>}
      <SideTabs shown={side} selected={selected} onShow={setSide} />
      <div class={`graph-columns show-${side}`}>
        <section class="graph-history" aria-label="History">
          <AsOf graph={id} onFound={select} />
          {versions.error && <ErrorNote error={versions.error} retry={versions.reload} />}
          <Timeline
            graph={id}
            versions={versions}
            source={graph.source?.kind}
            present={present}
            selected={selected}
            onSelect={select}
            onRestore={setRestoring}
          />
        </section>
        <section class="graph-side" aria-label={`Version ${selected}`}>
          <VersionCard
            key={selected}
            of={graph}
            number={selected}
            onRestore={setRestoring}
            onMarked={versions.reload}
            onChanged={changed}
          />
          <Picture
            address={`/graphs/${id}/picture.svg?version=${selected}&legend=false`}
            label={`Version ${selected} of ${graph.title}`}
          />
        </section>
      </div>
      {restoring && (
        <RestoreDialog
          graph={id}
          version={restoring.version}
          at={restoring.created_at}
          present={present}
          onClose={() => setRestoring(undefined)}
          onDone={changed}
        />
      )}
    </>
  );
}

/** On a narrow page there is room for one of the two. */
type Side = 'history' | 'version';

interface SideTabsProps {
  shown: Side;
  selected: number;
  onShow: (side: Side) => void;
}

/** Chooses between the history and the selected version. Only a narrow page shows it. */
function SideTabs({ shown, selected, onShow }: SideTabsProps) {
  const tabs = [
    ['history', 'History'],
    ['version', `Version ${selected}`],
  ] as const;
  return (
    <nav class="tabs graph-tabs" aria-label="Parts of the graph">
      {tabs.map(([side, text]) => (
        <button
          key={side}
          type="button"
          aria-current={shown === side ? 'true' : undefined}
          onClick={() => onShow(side)}
        >
          {text}
        </button>
      ))}
    </nav>
  );
}

const SOURCE_STATES: Readonly<Record<NonNullable<Graph['source']>['state'], string>> = {
  synced: 'as it was read last',
  drifted: 'edited here since it was read',
  gone: 'gone at the tool',
  failed: 'could not be read',
  ignored: 'no longer read',
};

/** The source that fills the graph. */
function SourceLink({ of: { id, kind, state } }: { of: NonNullable<Graph['source']> }) {
  return (
    <span>
      from <a href={`/sources/${id}`}>{kind}</a>, {SOURCE_STATES[state]}
    </span>
  );
}

/** Downloads, copies and deletes the graph as it is. */
function Actions({ graph: { id, title, version } }: { graph: Graph }) {
  const { route } = useLocation();
  const remove = useAction(async () => {
    await api.delete('/graphs/{id}', { path: { id } });
    route('/graphs');
    say(`“${title}” is in the trash.`, () => {
      api.post('/graphs/{id}/recover', { path: { id } }).then(
        () => route(`/graphs/${id}`),
        (error: unknown) => say(`Not recovered. ${(error as Error).message}`),
      );
    });
  });
  const copy = useAction(async () => {
    await navigator.clipboard.writeText(await configText(id, version));
    say('The JSON is on the clipboard.');
  });
  const download = useAction(async () => save(`${title}.json`, await configText(id, version)));
  return (
    <>
      <ErrorNote error={remove.error ?? copy.error ?? download.error} />
      <a class="button" href={`/policy/graphs/${id}`}>
        <Icon name="policy" /> Policy
      </a>
      <button type="button" class="button" disabled={copy.busy} onClick={() => void copy.run()}>
        <Icon name="copy" /> Copy
      </button>
      <button type="button" class="button" disabled={download.busy} onClick={() => void download.run()}>
        <Icon name="download" /> Download
      </button>
      <button
        type="button"
        class="button icon"
        aria-label="Move to the trash"
        disabled={remove.busy}
        onClick={() => void remove.run()}
      >
        <Icon name="trash" />
      </button>
    </>
  );
}
