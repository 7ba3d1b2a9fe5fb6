import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import { ErrorNote } from '../../parts/error-note';
import { Field } from '../../parts/field';
import { Gate } from '../../parts/gate';
import { Loaded } from '../../parts/loaded';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';

/** How to get a link for a new password: by mail if the installation sends mail, otherwise from an administrator. */
export function Forgotten() {
  const offer = useResource(async (signal) => (await api.get('/auth/registration', { signal })).data, []);
  return (
    <Gate title="Forgotten password">
      <Loaded of={offer}>
        {({ password_reset_mail }) => (password_reset_mail ? <ByMail /> : <ByPerson />)}
      </Loaded>
      <p class="gate-foot small">
        <a href="/sign-in">Back to sign in</a>
      </p>
    </Gate>
  );
}

function ByMail() {
  const [email, setEmail] = useState('');
  const [isSent, setSent] = useState(false);
  const action = useAction(async () => {
    await api.post('/auth/password-reset', { body: { email } });
    setSent(true);
  });
  const submit = (event: Event) => {
    event.preventDefault();
    void action.run();
  };
  if (isSent)
    return (
      <div class="stack-small" role="status">
        <p class="note ok">
          If there is an account with this address, a mail with a link follows. The link works for 30 minutes.
        </p>
        <p class="muted">
          No mail after some minutes? Look into the folder for spam, and check the address. You get at most
          one mail in five minutes.
        </p>
      </div>
    );
  return (
    <form class="stack" onSubmit={submit}>
      <p class="muted">You get a mail with a link to set a new password.</p>
      <ErrorNote error={action.error?.fault('email') ? undefined : action.error} />
      <Field
        label="E-mail"
        type="email"
        autocomplete="username"
        required
        autofocus
        value={email}
        onValue={setEmail}
        fault={action.error?.fault('email')}
      />
      <button type="submit" class="button primary wide" disabled={action.busy}>
        {action.busy ? 'Sending…' : 'Send the link'}
      </button>
    </form>
  );
}

function ByPerson() {
  return (
    <div class="stack-small">
      <p>An administrator of this installation can make a one-time link for you. It works for 30 minutes.</p>
      <p class="muted">
        Are you the administrator? Run this on the machine of the service, and open the link that it prints:
      </p>
      <p>
        <code>npm run users -- reset-password your@email</code>
      </p>
    </div>
  );
}
