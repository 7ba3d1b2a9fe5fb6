import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { addressOf, api } from '../../api/client';
import type { components } from '../../api/schema';
import { DataTable, type Column } from '../../parts/data-table';
import { Empty } from '../../parts/empty';
import { ErrorNote } from '../../parts/error-note';
import { Field } from '../../parts/field';
import { count } from '../../parts/format';
import { Loaded } from '../../parts/loaded';
import { currentUser } from '../../parts/shell';
import { Time } from '../../parts/time';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';

type Event = components['schemas']['AuditEventView'];
type Verification = components['schemas']['VerificationView'];

const PAGE = 50;
const COLUMNS: ReadonlyArray<Column<Event>> = [
  { label: 'Time', cell: ({ at }) => <Time at={at} as="full" /> },
  { label: 'Event', cell: ({ action }) => <code class="whole">{action}</code> },
  { label: 'By', cell: ({ actor_id }) => (actor_id === null ? 'the service' : <code>{actor_id}</code>) },
  {
    label: 'About',
    cell: ({ subject_type, subject_id, version }) => (
      <>
        {subject_type} {subject_id && <code>{subject_id}</code>} {version !== null && `version ${version}`}
      </>
    ),
  },
  { label: 'From', cell: ({ ip }) => <span class="whole">{ip}</span> },
  { label: 'Details', cell: ({ details }) => details && <code>{JSON.stringify(details)}</code> },
];

const NAMES = ['action', 'graph_id', 'user_id', 'from', 'to'] as const;
type Filters = Partial<Record<(typeof NAMES)[number], string>>;

/** Local days in the address become times of the API; the last day counts in full. */
function timesOf({ from, to }: Filters) {
  const local = (day: string | undefined, time: string) => {
    const at = new Date(`${day}T${time}`);
    return day === undefined || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
  };
  return { from: local(from, '00:00:00'), to: local(to, '23:59:59.999') };
}

/** Who did what, with filters in the address, and the proof that nothing was changed. */
export function Audit() {
  const { query, route } = useLocation();
  const filters: Filters = Object.fromEntries(
    NAMES.flatMap((name) => (query[name] ? [[name, query[name]]] : [])),
  );
  const after = query['after'];
  const isAdmin = currentUser().role === 'admin';
  const show = (values: Record<string, string | undefined>) =>
    route(addressOf('/operator/audit', {}, { ...filters, after: undefined, ...values }));
  const events = useResource(
    async (signal) => {
      const { action, graph_id, user_id } = filters;
      const wanted = {
        action: action as Event['action'] | undefined,
        graph_id,
        user_id,
        ...timesOf(filters),
      };
      const known = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
      const page = { limit: PAGE, ...(after && { after }) };
      const { data, headers } = await api.get('/audit', { query: { ...known, ...page }, signal });
      const next = /[?&]after=([^&>]+)/.exec(headers.get('link') ?? '')?.[1];
      return { list: data, next: next && decodeURIComponent(next) };
    },
    [JSON.stringify(filters), after],
  );
  return (
    <>
      {isAdmin && <Proof />}
      <section class="card stack">
        <h2>Audit log</h2>
        {!isAdmin && <p class="muted">Events about your own data. Administrators see all events.</p>}
        <Filter key={JSON.stringify(filters)} of={filters} withUser={isAdmin} onFilter={show} />
        <Loaded of={events}>
          {({ list, next }) =>
            list.length === 0 ? (
              <Empty title="No such events" />
            ) : (
              <>
                <DataTable label="Events" columns={COLUMNS} rows={list} keyOf={({ seq }) => seq} />
                <p class="row">
                  {after && (
                    <button type="button" class="button" onClick={() => show({})}>
                      Newest
                    </button>
                  )}
                  {next && (
                    <button type="button" class="button" onClick={() => show({ after: next })}>
                      Older
                    </button>
                  )}
                </p>
              </>
            )
          }
        </Loaded>
      </section>
    </>
  );
}

interface FilterProps {
  of: Filters;
  withUser: boolean;
  onFilter: (filters: Filters) => void;
}

function Filter({ of, withUser, onFilter }: FilterProps) {
  const [values, setValues] = useState<Filters>(of);
  const field = (name: (typeof NAMES)[number]) => ({
    value: values[name] ?? '',
    onValue: (value: string) => setValues({ ...values, [name]: value.trim() }),
  });
  return (
    <form
      class="filters"
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
        onFilter(values);
      }}
    >
      <Field label="Event" placeholder="graph.deleted" {...field('action')} />
      <Field label="Graph" placeholder="its id" {...field('graph_id')} />
      {withUser && <Field label="Account" placeholder="its id" {...field('user_id')} />}
      <Field label="From day" type="date" {...field('from')} />
      <Field label="To day" type="date" {...field('to')} />
      <button type="submit" class="button primary">
        Filter
      </button>
      {Object.keys(of).length > 0 && (
        <a class="button quiet" href="/operator/audit">
          All events
        </a>
      )}
    </form>
  );
}

function Proof() {
  const [found, setFound] = useState<Verification>();
  const verify = useAction(async () => setFound((await api.get('/audit/verification')).data));
  return (
    <section class="card stack">
      <div class="row">
        <div class="grow">
          <h2>Proof</h2>
          <p class="muted">Recomputes every seal. With many events this takes some seconds.</p>
        </div>
        <button type="button" class="button" disabled={verify.busy} onClick={() => void verify.run()}>
          {verify.busy ? 'Verifying…' : 'Verify the log'}
        </button>
      </div>
      <ErrorNote error={verify.error} />
      {found && (
        <p class={found.intact ? 'note ok' : 'note danger'} role="status">
          {found.intact
            ? `Nothing was changed, added or removed: ${count(found.events, 'event')} verified.`
            : `The log was changed at event ${found.first_bad_seq ?? 'unknown'}. ${found.reason ?? ''}`}
        </p>
      )}
    </section>
  );
}
