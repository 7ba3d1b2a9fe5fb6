import { Gate } from '../../parts/gate';

/** How to get a one-time link for a new password. */
export function Forgotten() {
  return (
    <Gate title="Forgotten password">
      <div class="stack-small">
        <p>
          An administrator of this installation can make a one-time link for you. It works for 30 minutes.
        </p>
        <p class="muted">
          Are you the administrator? Run this on the machine of the service, and open the link that it prints:
        </p>
        <p>
          <code>npm run users -- reset-password your@email</code>
        </p>
      </div>
      <p class="gate-foot small">
        <a href="/sign-in">Back to sign in</a>
      </p>
    </Gate>
  );
}
