import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api } from '../../api/client';
import { signIn } from '../../api/session';
import { ErrorNote } from '../../parts/error-note';
import { Field } from '../../parts/field';
import { Gate } from '../../parts/gate';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';

/** Signs in. An installation without any account leads to its first one. */
export function SignIn() {
  const { query, route } = useLocation();
  const [email, setEmail] = useState(query['email'] ?? '');
  const [password, setPassword] = useState('');
  const offer = useResource(async (signal) => (await api.get('/auth/registration', { signal })).data, []);
  const action = useAction(signIn);
  const isNew = offer.data?.has_accounts === false && offer.data.registration === 'open';
  useEffect(() => {
    if (isNew) route('/register', true);
  }, [isNew]);
  const submit = (event: Event) => {
    event.preventDefault();
    void action.run(email, password);
  };
  return (
    <Gate title="Sign in">
      {query['reset'] !== undefined && <p class="note ok">Your new password is set. Sign in with it.</p>}
      <form class="stack" onSubmit={submit}>
        <ErrorNote error={action.error ?? offer.error} />
        <Field
          label="E-mail"
          type="email"
          autocomplete="username"
          required
          autofocus
          value={email}
          onValue={setEmail}
        />
        <Field
          label="Password"
          type="password"
          autocomplete="current-password"
          required
          value={password}
          onValue={setPassword}
        />
        <button type="submit" class="button primary wide" disabled={action.busy}>
          {action.busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      <div class="gate-foot stack-small small">
        <a href="/forgotten-password">Forgot your password?</a>
        {offer.data?.registration === 'open' && (
          <p>
            No account yet? <a href="/register">Create one</a>
          </p>
        )}
      </div>
    </Gate>
  );
}
