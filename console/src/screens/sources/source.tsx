import './sources.css';
import { useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import { api } from '../../api/client';
import { Confirm } from '../../parts/confirm';
import { ErrorNote } from '../../parts/error-note';
import { Facts } from '../../parts/facts';
import { Icon } from '../../parts/icon';
import { Loaded } from '../../parts/loaded';
import { Missing } from '../../parts/missing';
import { PageHead } from '../../parts/page-head';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';
import type { Source } from './draft';
import { EditSource } from './edit-source';
import { Hook } from './hook';
import { Items } from './items';
import { KINDS } from './kinds';
import { Runs } from './runs';
import { statusBadge, timeOr, unverifiedBadge } from './source-words';
import { useSourceActions } from './use-source-actions';
import { isMoving, useWatch } from './use-watch';

/** One connected tool: its state, its graphs and its runs. */
export function SourceScreen() {
  const id = useRoute().params['id']!;
  const source = useResource(
    async (signal) => (await api.get('/sources/{id}', { path: { id }, signal })).data,
    [id],
  );
  const actions = useSourceActions(source.reload);
  useWatch(source, source.data !== undefined && (isMoving(source.data) || actions.isAsked(source.data)));
  return (
    <Loaded of={source} missing={<Missing what="source" home="/sources" to="To your sources" />}>
      {(data) => (
        <SourcePage key={data.id} of={data} actions={actions} onChanged={(changed) => source.set(changed)} />
      )}
    </Loaded>
  );
}

interface Props {
  of: Source;
  actions: ReturnType<typeof useSourceActions>;
  onChanged: (source: Source) => void;
}

function SourcePage({ of, actions, onChanged }: Props) {
  const { route } = useLocation();
  const [open, setOpen] = useState<'edit' | 'delete'>();
  const remove = useAction(async () => {
    await api.delete('/sources/{id}', { path: { id: of.id } });
    route('/sources');
    say(`“${of.name}” is disconnected. Its graphs are still here.`);
  });
  const isBusy = actions.busy || isMoving(of) || actions.isAsked(of);
  return (
    <>
      <PageHead
        title={of.name}
        crumbs={<a href="/sources">Sources</a>}
        lead={
          <span class="row small">
            {statusBadge(of)}
            {unverifiedBadge(of)}
            <span class="source-url">
              {KINDS[of.kind].label}, {of.url}
            </span>
          </span>
        }
      >
        <button
          type="button"
          class="button primary"
          disabled={isBusy}
          onClick={() => void actions.sync.run(of)}
        >
          <Icon name="recovery" /> Read now
        </button>
        <button
          type="button"
          class="button"
          disabled={actions.busy}
          onClick={() => void actions.enable.run(of, !of.enabled, false)}
        >
          {of.enabled ? 'Pause' : 'Resume'}
        </button>
        <button type="button" class="button" onClick={() => setOpen('edit')}>
          Edit
        </button>
        <button type="button" class="button danger" onClick={() => setOpen('delete')}>
          Disconnect
        </button>
      </PageHead>
      <ErrorNote error={actions.error} />
      <div class="sections">
        <section class="card stack" aria-label="State">
          {of.failure !== null && (
            <p class="note danger">
              The last run failed: {of.failure} Nothing was removed; the graphs stay as they were read last.
            </p>
          )}
          <Facts
            of={[
              ['Graphs at the tool', of.counts.items],
              ['Changed in the last run', of.counts.changed],
              ['Gone at the tool', of.counts.gone],
              ['With typed-in secrets', of.counts.with_secrets],
              ['Read last', timeOr(of.last_success_at, 'never')],
              ['Tried last', timeOr(of.last_attempt_at, 'never')],
              ['Next run', nextRun(of)],
            ]}
          />
        </section>
        <Items source={of.id} round={of.last_attempt_at} isMoving={isMoving(of)} />
        <Runs source={of.id} round={of.last_attempt_at} isMoving={isMoving(of)} />
        <Hook source={of.id} kind={of.kind} />
      </div>
      {open === 'edit' && (
        <EditSource
          of={of}
          onClose={() => setOpen(undefined)}
          onSaved={(changed) => {
            setOpen(undefined);
            onChanged(changed);
            if (changed.enabled) actions.ask(changed);
          }}
        />
      )}
      {open === 'delete' && (
        <Confirm
          title={`Disconnect “${of.name}”?`}
          verb="Disconnect"
          danger
          action={remove}
          onClose={() => setOpen(undefined)}
        >
          <p>
            Its graphs stay here with all their versions, and nothing changes at the tool. The stored
            credentials are removed.
          </p>
          <p class="muted">If you connect the same address again, the source finds its graphs.</p>
        </Confirm>
      )}
    </>
  );
}

function nextRun({ enabled, every_minutes: minutes, next_attempt_at: at }: Source) {
  if (!enabled) return 'none, it is paused';
  return (
    <>
      {timeOr(at, 'not planned')}, every {minutes === 1 ? 'minute' : `${minutes} minutes`}
    </>
  );
}
