import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { Choice } from '../../parts/choice';
import { Dialog } from '../../parts/dialog';
import { ErrorNote } from '../../parts/error-note';
import { Field } from '../../parts/field';
import { useAction } from '../../parts/use-action';

type Made = components['schemas']['NewApiTokenView'];
type Scope = Made['scopes'][number];

const SCOPES: ReadonlyArray<readonly [Scope, string]> = [
  ['read', 'see graphs, versions and your audit log'],
  ['append', 'create graphs and store new versions, for tools that only send'],
  ['write', 'also delete, recover, restore and label'],
];
const LIVES = [
  ['', 'never, until it is revoked'],
  ['30', 'after 30 days'],
  ['90', 'after 90 days'],
  ['365', 'after a year'],
] as const;
const DAY_MS = 86_400_000;

/** Makes an API token. */
export function NewToken({ onMade, onClose }: { onMade: (token: Made) => void; onClose: () => void }) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(['read']);
  const [days, setDays] = useState('');
  const make = useAction(async () => {
    const expires_at = days === '' ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    onMade((await api.post('/auth/tokens', { body: { name, scopes: [...scopes], expires_at } })).data);
  });
  const fault = make.error?.fault('name');
  return (
    <Dialog title="New API token" onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void make.run();
        }}
      >
        <ErrorNote error={fault ? undefined : make.error} />
        <Field
          label="Name"
          required
          autofocus
          maxLength={100}
          placeholder="What it is for, such as: nightly export"
          value={name}
          onValue={setName}
          fault={fault}
        />
        <fieldset class="fieldset stack-small">
          <legend>The token may</legend>
          {SCOPES.map(([scope, meaning]) => (
            <label key={scope} class="check">
              <input
                type="checkbox"
                checked={scopes.includes(scope)}
                onChange={({ currentTarget: { checked } }) =>
                  setScopes(checked ? [...scopes, scope] : scopes.filter((one) => one !== scope))
                }
              />
              <span>
                <strong>{scope}</strong> <span class="muted">{meaning}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Choice label="It ends" value={days} onValue={setDays} options={LIVES} />
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={make.busy || scopes.length === 0}>
            Make token
          </button>
        </div>
      </form>
    </Dialog>
  );
}
