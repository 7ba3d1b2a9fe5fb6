import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api } from '../../api/client';
import { setOut } from '../../api/session';
import { ErrorNote } from '../../parts/error-note';
import { Facts } from '../../parts/facts';
import { Field } from '../../parts/field';
import { bytes, count } from '../../parts/format';
import { Loaded } from '../../parts/loaded';
import { currentUser } from '../../parts/shell';
import { Time } from '../../parts/time';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';
import { Sessions } from './sessions';
import { WeeklySummary } from './weekly-summary';

/** Who is signed in and where, how much is stored, and the password. */
export function Account() {
  return (
    <div class="sections">
      <Overview />
      <WeeklySummary />
      <Password />
      <Sessions />
    </div>
  );
}

function Overview() {
  const user = currentUser();
  const status = useResource(async (signal) => (await api.get('/backups/status', { signal })).data, []);
  return (
    <section class="card stack">
      <h2>{user.email}</h2>
      <Loaded of={status}>
        {(data) => (
          <Facts
            of={[
              ['Role', user.role],
              ['Member since', <Time at={user.created_at} as="full" />],
              ['Graphs', count(data.graphs, 'graph')],
              ['Versions', count(data.versions, 'version')],
              ['Size of all versions', bytes(data.logical_bytes)],
              [
                'Stored',
                data.quota_bytes === null
                  ? bytes(data.stored_bytes)
                  : `${bytes(data.stored_bytes)} of ${bytes(data.quota_bytes)}`,
              ],
              [
                'Copied to the backup store',
                data.last_stored_at === null ? 'not yet' : <Time at={data.last_stored_at} />,
              ],
            ]}
          />
        )}
      </Loaded>
    </section>
  );
}

function Password() {
  const { route } = useLocation();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useAction(async () => {
    await api.put('/auth/password', { body: { current_password: current, new_password: next } });
    setOut();
    route('/sign-in?reset', true);
  });
  const faults = {
    current: change.error?.fault('current_password'),
    next: change.error?.fault('new_password'),
  };
  return (
    <section class="card stack">
      <div>
        <h2>Password</h2>
        <p class="muted">A change ends all sessions, this one too. API tokens stay valid.</p>
      </div>
      <form
        class="stack narrow"
        onSubmit={(event) => {
          event.preventDefault();
          void change.run();
        }}
      >
        <ErrorNote error={faults.current || faults.next ? undefined : change.error} />
        <Field
          label="Current password"
          type="password"
          autocomplete="current-password"
          required
          value={current}
          onValue={setCurrent}
          fault={faults.current}
        />
        <Field
          label="New password"
          type="password"
          autocomplete="new-password"
          required
          minLength={12}
          maxLength={128}
          hint="At least 12 characters."
          value={next}
          onValue={setNext}
          fault={faults.next}
        />
        <p>
          <button type="submit" class="button primary" disabled={change.busy}>
            Change password
          </button>
        </p>
      </form>
    </section>
  );
}
