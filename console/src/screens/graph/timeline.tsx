import type { components } from '../../api/schema';
import { ChangeSummary } from '../../parts/change-summary';
import { bytes, count } from '../../parts/format';
import { Icon } from '../../parts/icon';
import { Waiting } from '../../parts/loaded';
import { Time, dayOf } from '../../parts/time';
import type { Pages } from '../../parts/use-pages';
import { VirtualList } from '../../parts/virtual-list';
import { authorWords, useTokenNames } from './authors';
import { Sparkline } from './sparkline';

type Version = components['schemas']['ListedVersionView'];

const ROW_HEIGHT = 76;
/** Versions whose size the line above the history shows. */
const LINE = 100;

const CHANGES: Readonly<Record<Version['change'], string>> = {
  created: 'Created',
  updated: 'Changed',
  deleted: 'Moved to the trash',
  recovered: 'Recovered from the trash',
  restored: 'Restored',
  imported: 'Imported',
};

interface Props {
  graph: string;
  versions: Pages<Version>;
  /** The kind of tool that fills the graph. */
  source: string | undefined;
  present: number;
  selected: number;
  onSelect: (version: number) => void;
  onRestore: (version: Version) => void;
}

/** The versions of a graph by day, newest first, with what each changed and where retention left gaps. */
export function Timeline({ graph, versions, source, present, selected, onSelect, onRestore }: Props) {
  const { total } = versions;
  const tokens = useTokenNames(versions.some(({ author }) => author?.kind === 'token'));
  if (total === undefined) return versions.error ? null : <Waiting lines={5} height={64} />;
  const sizes = Array.from(
    { length: Math.min(total, LINE) },
    (_, index) => versions.at(index)?.config_bytes ?? 0,
  );
  return (
    <>
      {total > 2 && <Sparkline values={sizes.reverse()} />}
      <div class="card timeline">
        <VirtualList
          label="Versions"
          count={total}
          rowHeight={ROW_HEIGHT}
          onShow={versions.show}
          row={(index) => (
            <Row
              graph={graph}
              version={versions.at(index)}
              newer={index === 0 ? undefined : versions.at(index - 1)}
              older={versions.at(index + 1)}
              author={authorWords(versions.at(index)?.author, tokens, source)}
              isPresent={versions.at(index)?.version === present}
              isSelected={versions.at(index)?.version === selected}
              onSelect={onSelect}
              onRestore={onRestore}
            />
          )}
        />
      </div>
    </>
  );
}

interface RowProps {
  graph: string;
  version: Version | undefined;
  newer: Version | undefined;
  older: Version | undefined;
  /** Who wrote it, in words. */
  author: string | undefined;
  isPresent: boolean;
  isSelected: boolean;
  onSelect: (version: number) => void;
  onRestore: (version: Version) => void;
}

function Row({ graph, version, newer, older, author, isPresent, isSelected, onSelect, onRestore }: RowProps) {
  if (!version) return <div class="timeline-row" aria-busy="true" />;
  const day = dayOf(Date.parse(version.created_at));
  const isNewDay = !newer || dayOf(Date.parse(newer.created_at)) !== day;
  const pruned = older ? version.version - older.version - 1 : 0;
  return (
    <div class={isSelected ? 'timeline-row selected' : 'timeline-row'}>
      <span class="timeline-day small">{isNewDay ? day : ''}</span>
      <button
        type="button"
        class="timeline-main"
        aria-pressed={isSelected}
        onClick={() => onSelect(version.version)}
      >
        <span class="timeline-title">
          <strong>{version.version}</strong>
          <span class="cut">
            {CHANGES[version.change]}
            {version.restored_from !== null && ` from version ${version.restored_from}`}
          </span>
          {version.pinned && <Icon name="pin" size={14} />}
          {version.pinned && <span class="sr-only">pinned</span>}
          {version.label && <span class="badge info cut">{version.label}</span>}
          {isPresent && <span class="badge ok">now</span>}
        </span>
        <span class="timeline-change small cut">
          <ChangeSummary graph={graph} version={version.version} />
        </span>
        <span class="small muted cut">
          <Time at={version.created_at} as="time" />
          {author && ` · by ${author}`} · {bytes(version.config_bytes)}
          {pruned > 0 && ` · ${count(pruned, 'version')} before it pruned`}
        </span>
      </button>
      {!isPresent && version.change !== 'deleted' && (
        <button type="button" class="button small" onClick={() => onRestore(version)}>
          Bring back<span class="sr-only"> version {version.version}</span>
        </button>
      )}
    </div>
  );
}
