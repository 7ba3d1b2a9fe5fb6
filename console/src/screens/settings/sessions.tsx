import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { signOut } from '../../api/session';
import { Confirm } from '../../parts/confirm';
import { DataTable, type Column } from '../../parts/data-table';
import { ErrorNote } from '../../parts/error-note';
import { count } from '../../parts/format';
import { Loaded } from '../../parts/loaded';
import { Time } from '../../parts/time';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';

type Session = components['schemas']['SessionView'];

/** The newest sessions, which are shown at first. */
const SHOWN = 5;

/** Where the account is signed in, and an end to each session. */
export function Sessions() {
  const [endingAll, setEndingAll] = useState(false);
  const [showsAll, setShowsAll] = useState(false);
  const sessions = useResource(
    async (signal) => (await api.get('/auth/sessions', { query: { limit: 500 }, signal })).data,
    [],
  );
  const end = useAction(async ({ id, current }: Session) => {
    if (current) return signOut();
    await api.delete('/auth/sessions/{id}', { path: { id } });
    say('The session is ended.');
    sessions.reload();
  });
  const endOthers = useAction(async () => {
    await api.delete('/auth/sessions');
    say('All other sessions are ended.');
    sessions.reload();
  });
  const others = (sessions.data ?? []).filter(({ current }) => !current).length;
  return (
    <section class="card stack">
      <div class="row">
        <div class="grow">
          <h2>Sessions</h2>
          <p class="muted">
            Where you are signed in. End a session that you don't know, then change the password.
          </p>
        </div>
        {others > 0 && (
          <button type="button" class="button" onClick={() => setEndingAll(true)}>
            End {count(others, 'other session')}
          </button>
        )}
      </div>
      <ErrorNote error={end.error} />
      <Loaded of={sessions}>
        {(list) => (
          <>
            <SessionTable
              of={showsAll ? list : list.slice(0, SHOWN)}
              isBusy={end.busy}
              onEnd={(session) => void end.run(session)}
            />
            {!showsAll && list.length > SHOWN && (
              <p>
                <button type="button" class="button small" onClick={() => setShowsAll(true)}>
                  Show all {list.length}
                </button>
              </p>
            )}
          </>
        )}
      </Loaded>
      {endingAll && (
        <Confirm
          title={`End ${count(others, 'other session')}?`}
          verb="End them"
          danger
          action={endOthers}
          onClose={() => {
            endOthers.clear();
            setEndingAll(false);
          }}
        >
          <p>All other browsers and programs have to sign in again. API tokens stay valid.</p>
        </Confirm>
      )}
    </section>
  );
}

interface TableProps {
  of: readonly Session[];
  isBusy: boolean;
  onEnd: (session: Session) => void;
}

function SessionTable({ of, isBusy, onEnd }: TableProps) {
  const columns: Array<Column<Session>> = [
    {
      label: 'Began',
      cell: (session) => (
        <span class="row">
          <Time at={session.created_at} as="full" />
          {session.current && <span class="badge ok">this browser</span>}
        </span>
      ),
    },
    { label: 'From', cell: ({ ip }) => ip },
    { label: 'Last renewed', cell: ({ renewed_at: at }) => <Time at={at} /> },
    { label: 'Ends', cell: ({ expires_at: at }) => <Time at={at} as="full" /> },
    {
      label: 'Action',
      kind: 'action',
      cell: (session) => (
        <button type="button" class="button small" disabled={isBusy} onClick={() => onEnd(session)}>
          {session.current ? 'Sign out' : 'End'}
          <span class="sr-only">
            {session.current ? ' of this browser' : ` the session from ${session.ip}`}
          </span>
        </button>
      ),
    },
  ];
  return <DataTable label="Sessions" columns={columns} rows={of} keyOf={({ id }) => id} />;
}
