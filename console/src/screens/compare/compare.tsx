import './compare.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import { addressOf, api } from '../../api/client';
import type { components } from '../../api/schema';
import { Words, wordsOf } from '../../parts/change-summary';
import { Icon } from '../../parts/icon';
import { Loaded, Waiting } from '../../parts/loaded';
import { PageHead } from '../../parts/page-head';
import { Picture, type PictureHandle } from '../../parts/picture';
import { RestoreDialog } from '../../parts/restore-dialog';
import { useResource, type Resource } from '../../parts/use-resource';
import { ChangeList } from './change-list';
import { changesOf, type Change } from './changes';
import { JsonTab } from './json-tab';
import { OtherGraph } from './other-graph';
import { Properties } from './properties';
import { VersionSelect } from './version-select';

type Diff = components['schemas']['DiffView'];
type Version = components['schemas']['VersionView'];
type Go = (change: Record<string, string | number | undefined>) => void;

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
      <Loaded of={versions}>
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
        <label class="check">
          <input
            type="checkbox"
            checked={query['moves'] === 'hide'}
            onChange={(event) => go({ moves: event.currentTarget.checked ? 'hide' : undefined })}
          />
          Hide moves
        </label>
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

function GraphTab({ diff, picture, go }: { diff: Diff; picture: string; go: Go }) {
  const { query } = useLocation();
  const hideMoves = query['moves'] === 'hide';
  const changes = useMemo(() => changesOf(diff, hideMoves), [diff, hideMoves]);
  const selected = changes.find(({ key }) => key === query['change']);
  const handle = useRef<PictureHandle>(null);
  const select = (change: Change | undefined) => {
    go({ change: change?.key });
    if (change?.selection) handle.current?.show(change.selection);
  };
  const step = (by: number) => {
    const index = changes.findIndex(({ key }) => key === selected?.key);
    select(
      changes[index < 0 ? (by > 0 ? 0 : changes.length - 1) : (index + by + changes.length) % changes.length],
    );
  };
  useKeys({ n: () => step(1), j: () => step(1), p: () => step(-1), k: () => step(-1) });
  if (changes.length === 0) return <NoChange diff={diff} hideMoves={hideMoves} />;
  return (
    <div class="compare">
      <section class="card compare-list" aria-label="Changes">
        <div class="row compare-steps">
          <span class="grow small muted">
            {selected ? `${changes.indexOf(selected) + 1} of ${changes.length}` : `${changes.length} changes`}
          </span>
          <button
            type="button"
            class="button small icon"
            aria-label="Previous change (p)"
            onClick={() => step(-1)}
          >
            <Icon name="left" size={16} />
          </button>
          <button
            type="button"
            class="button small icon"
            aria-label="Next change (n)"
            onClick={() => step(1)}
          >
            <Icon name="right" size={16} />
          </button>
        </div>
        <ChangeList changes={changes} selected={selected} onSelect={select} />
      </section>
      <Picture
        address={picture}
        label={`What changed from version ${diff.from} to version ${diff.to}`}
        selected={selected?.selection}
        hideMoves={hideMoves}
        handle={handle}
        onSelect={(selection) =>
          go({
            change: changes.find(
              (change) =>
                change.selection?.kind === selection?.kind && change.selection?.id === selection?.id,
            )?.key,
          })
        }
      />
      <section class="card card-pad compare-properties" aria-label="Values" aria-live="polite" tabIndex={0}>
        <Properties change={selected} />
      </section>
    </div>
  );
}

function NoChange({ diff, hideMoves }: { diff: Diff; hideMoves: boolean }) {
  const moved = diff.nodes.moved.length;
  const text = diff.formatting_only
    ? 'The bytes differ, but only in their formatting: both mean the same.'
    : hideMoves && moved > 0
      ? 'Nodes were only moved.'
      : 'Both versions are the same.';
  return <p class="note info">{text}</p>;
}

/** Keys of the whole screen, except while something is typed. */
function useKeys(keys: Record<string, () => void>): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest('input, textarea, select, dialog')) return;
      if (Object.hasOwn(current.current, event.key)) current.current[event.key]?.();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}
