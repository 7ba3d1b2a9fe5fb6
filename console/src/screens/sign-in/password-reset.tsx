import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api } from '../../api/client';
import { setOut } from '../../api/session';
import { ErrorNote } from '../../parts/error-note';
import { Field } from '../../parts/field';
import { Gate } from '../../parts/gate';
import { useAction } from '../../parts/use-action';

/** Sets a new password with the token of a one-time link, which is behind the `#` of the address. */
export function PasswordReset() {
  const { route } = useLocation();
  const [token] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get('token') ?? '');
  const [password, setPassword] = useState('');
  const action = useAction(async () => {
    await api.post('/auth/password-reset/confirm', { body: { token, new_password: password } });
    setOut();
    route('/sign-in?reset', true);
  });
  const { error } = action;
  const submit = (event: Event) => {
    event.preventDefault();
    void action.run();
  };
  if (token === '')
    return (
      <Gate title="This link is not complete">
        <p class="muted">Copy the whole link that you were given, up to its end, into the address bar.</p>
        <p class="gate-foot small">
          <a href="/sign-in">Sign in</a>
        </p>
      </Gate>
    );
  return (
    <Gate title="Set a new password">
      <p class="muted">All sessions of your account end. API tokens stay valid.</p>
      <form class="stack" onSubmit={submit}>
        <ErrorNote error={error?.fault('new_password') ? undefined : error} />
        <Field
          label="New password"
          type="password"
          autocomplete="new-password"
          required
          autofocus
          minLength={12}
          maxLength={128}
          hint="At least 12 characters."
          value={password}
          onValue={setPassword}
          fault={error?.fault('new_password')}
        />
        <button type="submit" class="button primary wide" disabled={action.busy}>
          Set password
        </button>
      </form>
    </Gate>
  );
}
