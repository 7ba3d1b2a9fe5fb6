import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import { Confirm } from '../../parts/confirm';
import { Secret } from '../../parts/secret';
import { useAction } from '../../parts/use-action';
import type { SourceKind } from './kinds';

/** What calls the hook of a tool, ready-made; the folders have their own instructions. */
const CALLERS: Partial<Record<SourceKind, readonly [what: string, folder: string]>> = {
  'node-red': ['A plugin for Node-RED', 'integrations/node-red-contrib-graphomat-backup'],
  n8n: ['A file with external hooks for n8n', 'integrations/n8n'],
};

/** How a tool can say that something has changed. */
export function Hook({ source, kind }: { source: string; kind: SourceKind }) {
  const caller = CALLERS[kind];
  const [asking, setAsking] = useState(false);
  const [token, setToken] = useState<string>();
  const make = useAction(async () => {
    setToken((await api.post('/sources/{id}/hook-token', { path: { id: source } })).data.hook_token);
  });
  return (
    <section class="card stack" aria-label="Hook">
      <h2>Read at once after each change</h2>
      <p class="muted">
        A tool can call this address with a hook token as bearer token. Then its changes are stored within
        seconds instead of with the next run.
        {caller && (
          <>
            {' '}
            {caller[0]} does that: see <code>{caller[1]}</code> in the source code of GraphOMAT Backup.
          </>
        )}
      </p>
      <p>
        <code class="source-url">
          POST {window.location.origin}/api/v1/hooks/sources/{source}
        </code>
      </p>
      {token === undefined ? (
        <p>
          <button type="button" class="button" onClick={() => setAsking(true)}>
            Make a hook token
          </button>
        </p>
      ) : (
        <>
          <p>Copy the token now: it is shown this once.</p>
          <Secret label="Hook token" value={token} />
        </>
      )}
      {asking && (
        <Confirm title="Make a hook token?" verb="Make token" action={make} onClose={() => setAsking(false)}>
          <p>The token that was made before, if any, is refused from then on.</p>
        </Confirm>
      )}
    </section>
  );
}
