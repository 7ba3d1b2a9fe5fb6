import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api } from '../../api/client';
import { signIn } from '../../api/session';
import { ErrorNote } from '../../parts/error-note';
import { Gate } from '../../parts/gate';
import { Field } from '../../parts/field';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';

/** Creates an account, signs in with it, and leads to the first graph. */
export function Register() {
  const { route } = useLocation();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const offer = useResource(async (signal) => (await api.get('/auth/registration', { signal })).data, []);
  const action = useAction(async () => {
    await api.post('/auth/register', { body: { email, password } });
    route('/welcome', true);
    await signIn(email, password);
  });
  const isFirst = offer.data?.has_accounts === false;
  const { error } = action;
  const submit = (event: Event) => {
    event.preventDefault();
    void action.run();
  };
  if (offer.data?.registration === 'closed') return <Closed />;
  return (
    <Gate title={isFirst ? 'Create the first account' : 'Create an account'}>
      {isFirst && (
        <p class="muted">
          This installation is new. Your account keeps your graphs and their history; next you add the first
          graph.
        </p>
      )}
      <form class="stack" onSubmit={submit}>
        <ErrorNote error={error?.problem?.errors ? undefined : error} />
        <Field
          label="E-mail"
          type="email"
          autocomplete="username"
          required
          autofocus
          value={email}
          onValue={setEmail}
          fault={error?.fault('email')}
        />
        <Field
          label="Password"
          type="password"
          autocomplete="new-password"
          required
          minLength={12}
          maxLength={128}
          hint="At least 12 characters. A sentence is easier to remember than symbols."
          value={password}
          onValue={setPassword}
          fault={error?.fault('password')}
        />
        <button type="submit" class="button primary wide" disabled={action.busy}>
          {action.busy ? 'Creating…' : 'Create account'}
        </button>
      </form>
      {!isFirst && (
        <p class="gate-foot small">
          Already have an account? <a href="/sign-in">Sign in</a>
        </p>
      )}
    </Gate>
  );
}

function Closed() {
  return (
    <Gate title="Registration is closed">
      <p class="muted">Ask the administrator of this installation for an account.</p>
      <p class="gate-foot small">
        <a href="/sign-in">Sign in</a>
      </p>
    </Gate>
  );
}
