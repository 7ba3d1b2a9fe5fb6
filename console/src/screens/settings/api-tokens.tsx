import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { Confirm } from '../../parts/confirm';
import { DataTable, type Column } from '../../parts/data-table';
import { Dialog } from '../../parts/dialog';
import { Empty } from '../../parts/empty';
import { Icon } from '../../parts/icon';
import { Loaded } from '../../parts/loaded';
import { Secret } from '../../parts/secret';
import { Time } from '../../parts/time';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';
import { NewToken } from './new-token';

type Token = components['schemas']['ApiTokenView'];
type NewTokenView = components['schemas']['NewApiTokenView'];

/** Tokens with which programs use the API. */
export function ApiTokens() {
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<NewTokenView>();
  const [revoking, setRevoking] = useState<Token>();
  const tokens = useResource(
    async (signal) => (await api.get('/auth/tokens', { query: { limit: 500 }, signal })).data,
    [],
  );
  const revoke = useAction(async () => {
    await api.delete('/auth/tokens/{id}', { path: { id: revoking!.id } });
    say(`The token “${revoking!.name}” is revoked.`);
    tokens.reload();
  });
  return (
    <div class="sections">
      <section class="card stack">
        <div class="row">
          <p class="muted grow">
            Programs use the API with a token. No token can purge a graph, set a policy or manage the account.
          </p>
          <button type="button" class="button primary" onClick={() => setMaking(true)}>
            <Icon name="plus" /> New token
          </button>
        </div>
        <Loaded of={tokens}>
          {(list) =>
            list.length === 0 ? (
              <Empty title="No tokens yet">
                <p>Make one for a script or a tool that stores its graphs here.</p>
              </Empty>
            ) : (
              <TokenTable of={list} onRevoke={setRevoking} />
            )
          }
        </Loaded>
      </section>
      {making && (
        <NewToken
          onClose={() => setMaking(false)}
          onMade={(token) => {
            setMaking(false);
            setMade(token);
            tokens.reload();
          }}
        />
      )}
      {made && (
        <Dialog title={`Token “${made.name}”`} onClose={() => setMade(undefined)}>
          <div class="stack">
            <p>Copy the token now: it is shown this once.</p>
            <Secret label="Token" value={made.token} />
          </div>
        </Dialog>
      )}
      {revoking && (
        <Confirm
          title={`Revoke “${revoking.name}”?`}
          verb="Revoke"
          danger
          action={revoke}
          onClose={() => {
            revoke.clear();
            setRevoking(undefined);
          }}
        >
          <p>Programs that use this token are refused from now on. This cannot be undone.</p>
        </Confirm>
      )}
    </div>
  );
}

function TokenTable({ of, onRevoke }: { of: readonly Token[]; onRevoke: (token: Token) => void }) {
  const columns: Array<Column<Token>> = [
    { label: 'Name', cell: ({ name }) => name },
    { label: 'May', cell: ({ scopes }) => scopes.join(', ') },
    { label: 'Last used', cell: ({ last_used_at: at }) => (at === null ? 'never' : <Time at={at} />) },
    { label: 'Made', cell: ({ created_at: at }) => <Time at={at} /> },
    {
      label: 'Ends',
      cell: ({ expires_at: at }) => (at === null ? 'when revoked' : <Time at={at} as="full" />),
    },
    {
      label: 'Action',
      kind: 'action',
      cell: (token) => (
        <button
          type="button"
          class="button small danger"
          aria-label={`Revoke ${token.name}`}
          onClick={() => onRevoke(token)}
        >
          Revoke
        </button>
      ),
    },
  ];
  return <DataTable label="API tokens" columns={columns} rows={of} keyOf={({ id }) => id} />;
}
