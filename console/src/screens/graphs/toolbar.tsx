import { useEffect, useState } from 'preact/hooks';
import { api } from '../../api/client';
import { Icon } from '../../parts/icon';
import { useResource } from '../../parts/use-resource';

const STATUSES = ['draft', 'active', 'archived'] as const;
const SORTS = [
  ['-updated_at', 'Last changed'],
  ['-created_at', 'Newest'],
  ['title', 'Title'],
] as const;
const BACKUP_STATES = [
  ['pending', 'not yet copied'],
  ['stored', 'copied'],
  ['verified', 'verified'],
] as const;
/** The value of the source filter for graphs that no source fills. */
const NO_SOURCE = 'none';

/** What the list shows, as the address says. */
export interface ListFilter {
  q: string;
  status: (typeof STATUSES)[number] | undefined;
  source: string | undefined;
  backup: (typeof BACKUP_STATES)[number][0] | undefined;
  sort: (typeof SORTS)[number][0];
}

/** Reads the filter from the query of an address; unknown values choose nothing. */
export function filterOf(query: Readonly<Record<string, string>>): ListFilter {
  return {
    q: query['q'] ?? '',
    status: STATUSES.find((name) => name === query['status']),
    source: /^(none|[0-9a-f-]{36})$/.exec(query['source'] ?? '')?.[0],
    backup: BACKUP_STATES.find(([name]) => name === query['backup'])?.[0],
    sort: SORTS.find(([name]) => name === query['sort'])?.[0] ?? '-updated_at',
  };
}

/** Whether the filter leaves graphs out. */
export const isFiltered = ({ q, status, source, backup }: ListFilter) =>
  q !== '' || status !== undefined || source !== undefined || backup !== undefined;

interface Props {
  of: ListFilter;
  go: (change: Partial<Record<keyof ListFilter, string | undefined>>) => void;
}

/** Pause in typing after which the search begins, ms. */
const TYPING_MS = 150;

/** Search, filters and order of the list of graphs. */
export function Toolbar({ of, go }: Props) {
  const [text, setText] = useState(of.q);
  useEffect(() => {
    if (text === of.q) return;
    const timer = setTimeout(() => go({ q: text }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="toolbar" role="search">
      <div class="search">
        <Icon name="search" />
        <input
          class="input"
          type="search"
          aria-label="Search by title"
          placeholder="Search by title"
          maxLength={200}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <Select
        label="Status"
        value={of.status}
        options={[['', 'Any status'], ...STATUSES.map((name) => [name, name] as const)]}
        onChoose={(status) => go({ status })}
      />
      <SourceSelect value={of.source} onChoose={(source) => go({ source })} />
      <Select
        label="Backup state"
        value={of.backup}
        options={[['', 'Any backup state'], ...BACKUP_STATES]}
        onChoose={(backup) => go({ backup })}
      />
      <Select label="Order" value={of.sort} options={SORTS} onChoose={(sort) => go({ sort })} />
    </div>
  );
}

/** Only for those who have connected a tool. A source of the address that is no more stays visible as a choice. */
function SourceSelect({
  value,
  onChoose,
}: {
  value: string | undefined;
  onChoose: (id: string | undefined) => void;
}) {
  const sources = useResource(
    async (signal) => (await api.get('/sources', { query: { limit: 500 }, signal })).data,
    [],
  );
  const known = (sources.data ?? []).map(({ id, name }) => [id, name] as const);
  if (known.length === 0 && value === undefined) return null;
  const isKnown = value === undefined || value === NO_SOURCE || known.some(([id]) => id === value);
  return (
    <Select
      label="Source"
      value={value}
      options={[
        ['', 'Any source'],
        ...known,
        ...(isKnown ? [] : [[value, 'A source that was removed'] as const]),
        [NO_SOURCE, 'Without a source'],
      ]}
      onChoose={onChoose}
    />
  );
}

interface SelectProps {
  label: string;
  value: string | undefined;
  options: ReadonlyArray<readonly [value: string, text: string]>;
  onChoose: (value: string | undefined) => void;
}

function Select({ label, value = '', options, onChoose }: SelectProps) {
  return (
    <select
      class="input"
      aria-label={label}
      value={value}
      onChange={(event) => onChoose(event.currentTarget.value || undefined)}
    >
      {options.map(([name, text]) => (
        <option key={name} value={name}>
          {text}
        </option>
      ))}
    </select>
  );
}
