import { useState } from 'preact/hooks';
import { session, setOut, signIn } from '../api/session';
import { Dialog } from './dialog';
import { ErrorNote } from './error-note';
import { Field } from './field';
import { useAction } from './use-action';
import { useStore } from './use-store';

/** Asks for the password when the session has ended. The page behind it stays as it is, with what was typed. */
export function PasswordDialog() {
  const state = useStore(session);
  const [password, setPassword] = useState('');
  const action = useAction(signIn);
  if (state.phase !== 'expired') return null;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await action.run(state.user.email, password)) setPassword('');
  };
  return (
    <Dialog title="Your session has ended">
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p>Enter your password to continue. Nothing that you typed is lost.</p>
        <ErrorNote error={action.error} />
        <input
          type="email"
          class="sr-only"
          autocomplete="username"
          value={state.user.email}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <Field
          label={`Password of ${state.user.email}`}
          type="password"
          autocomplete="current-password"
          required
          value={password}
          onValue={setPassword}
        />
        <div class="dialog-foot">
          <button type="button" class="button" onClick={setOut}>
            Sign out
          </button>
          <button type="submit" class="button primary" disabled={action.busy}>
            Continue
          </button>
        </div>
      </form>
    </Dialog>
  );
}
