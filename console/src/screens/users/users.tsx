import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { Confirm } from '../../parts/confirm';
import { DataTable, type Column } from '../../parts/data-table';
import { Dialog } from '../../parts/dialog';
import { ErrorNote } from '../../parts/error-note';
import { count } from '../../parts/format';
import { Loaded } from '../../parts/loaded';
import { PageHead } from '../../parts/page-head';
import { Secret } from '../../parts/secret';
import { currentUser } from '../../parts/shell';
import { Time } from '../../parts/time';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';

type User = components['schemas']['UserView'];
type Link = components['schemas']['PasswordLinkView'] & { email: string };
type Change = components['schemas']['ChangeUserBody'];

const PAGE = 50;
const ROLES = ['user', 'operator', 'admin'] as const;

/** The accounts: roles, enabled or not, one-time links for passwords. */
export function Users() {
  const { query, route } = useLocation();
  const skip = Math.max(0, Number(query['skip']) || 0);
  const [link, setLink] = useState<Link>();
  const [removing, setRemoving] = useState<User>();
  const users = useResource(
    async (signal) => {
      const { data, headers } = await api.get('/users', { query: { limit: PAGE, skip }, signal });
      return { list: data, total: Number(headers.get('x-total-count') ?? data.length) };
    },
    [skip],
  );
  const change = useAction(async (user: User, body: Change, undo: Change | null) => {
    await api.patch('/users/{id}', { path: { id: user.id }, body });
    say(`${user.email}: ${wordsOf(body)}.`, undo ? () => void change.run(user, undo, null) : undefined);
    users.reload();
  });
  const makeLink = useAction(async (user: User) => {
    const { data } = await api.post('/users/{id}/password-reset', { path: { id: user.id } });
    setLink({ ...data, email: user.email });
  });
  const remove = useAction(async () => {
    await api.delete('/users/{id}', { path: { id: removing!.id } });
    say(`${removing!.email} is deleted.`);
    users.reload();
  });
  const columns: Array<Column<User>> = [
    {
      label: 'Account',
      cell: ({ email, is_active, id }) => (
        <>
          {email} {id === currentUser().id && <span class="badge info">you</span>}{' '}
          {!is_active && <span class="badge warning">disabled</span>}
        </>
      ),
    },
    {
      label: 'Role',
      cell: (user) => (
        <select
          class="input role"
          aria-label={`Role of ${user.email}`}
          disabled={change.busy || user.id === currentUser().id}
          value={user.role}
          onChange={({ currentTarget: { value } }) =>
            void change.run(user, { role: value as User['role'] }, { role: user.role })
          }
        >
          {ROLES.map((role) => (
            <option key={role}>{role}</option>
          ))}
        </select>
      ),
    },
    { label: 'Since', cell: ({ created_at }) => <Time at={created_at} /> },
    {
      label: 'Actions',
      kind: 'action',
      cell: (user) => (
        <Actions
          of={user}
          busy={change.busy || makeLink.busy}
          onLink={() => void makeLink.run(user)}
          onActive={(is_active) => void change.run(user, { is_active }, { is_active: !is_active })}
          onRemove={() => setRemoving(user)}
        />
      ),
    },
  ];
  return (
    <>
      <PageHead
        title="Users"
        lead="Administrators manage accounts and see no graphs of others. Operators also see the screens of operation."
      />
      <div class="card card-pad stack">
        <ErrorNote error={change.error ?? makeLink.error} />
        <Loaded of={users}>
          {({ list, total }) => (
            <>
              <DataTable label="Accounts" columns={columns} rows={list} keyOf={({ id }) => id} />
              <p class="row">
                <span class="muted grow">{count(total, 'account')}</span>
                {skip > 0 && (
                  <button
                    type="button"
                    class="button"
                    onClick={() => route(`/users?skip=${Math.max(0, skip - PAGE)}`)}
                  >
                    Newer
                  </button>
                )}
                {skip + list.length < total && (
                  <button type="button" class="button" onClick={() => route(`/users?skip=${skip + PAGE}`)}>
                    Older
                  </button>
                )}
              </p>
            </>
          )}
        </Loaded>
      </div>
      {link && (
        <Dialog title={`Password link for ${link.email}`} onClose={() => setLink(undefined)}>
          <div class="stack">
            <p>
              Give it to the person over a channel that you trust. It works once, until{' '}
              <Time at={link.expires_at} as="full" />, and is shown this once.
            </p>
            <Secret label="Link" value={link.link} />
          </div>
        </Dialog>
      )}
      {removing && (
        <Confirm
          title={`Delete ${removing.email}?`}
          verb="Delete the account"
          danger
          action={remove}
          onClose={() => {
            remove.clear();
            setRemoving(undefined);
          }}
        >
          <p>
            All graphs and versions of the account are gone at once, because its key is destroyed. This cannot
            be undone. To lock it out and keep its data, disable it instead.
          </p>
        </Confirm>
      )}
    </>
  );
}

interface ActionsProps {
  of: User;
  busy: boolean;
  onLink: () => void;
  onActive: (active: boolean) => void;
  onRemove: () => void;
}

function Actions({ of: { id, email, is_active }, busy, onLink, onActive, onRemove }: ActionsProps) {
  if (id === currentUser().id) return null;
  return (
    <span class="row">
      <button
        type="button"
        class="button small"
        disabled={busy}
        aria-label={`Password link for ${email}`}
        onClick={onLink}
      >
        Password link
      </button>
      <button
        type="button"
        class="button small"
        disabled={busy}
        aria-label={`${is_active ? 'Disable' : 'Enable'} ${email}`}
        onClick={() => onActive(!is_active)}
      >
        {is_active ? 'Disable' : 'Enable'}
      </button>
      <button
        type="button"
        class="button small danger"
        disabled={busy}
        aria-label={`Delete ${email}`}
        onClick={onRemove}
      >
        Delete…
      </button>
    </span>
  );
}

function wordsOf({ role, is_active }: Change): string {
  if (role !== undefined) return `the role is ${role}`;
  return is_active ? 'enabled' : 'disabled';
}
