import './recovery.css';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { addressOf, api } from '../../api/client';
import type { components } from '../../api/schema';
import { Empty } from '../../parts/empty';
import { ErrorNote } from '../../parts/error-note';
import { Loaded } from '../../parts/loaded';
import { PageHead } from '../../parts/page-head';
import { Time } from '../../parts/time';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';
import { Moment } from './moment';
import { Preview } from './preview';
import { changedIn, undoOf, wordsOf } from './recovery-words';

type Recovery = components['schemas']['RecoveryView'];

/** The time of a link, or undefined if it is none. */
function timeOf(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : at;
}

/** Brings all graphs of the account back to a moment: preview, do it, undo it. */
export function AccountRecovery() {
  const { query, route } = useLocation();
  const at = timeOf(query['at']);
  const days = query['days'] ?? '30';
  const shown = query['show'];
  const show = (values: { at?: number | undefined; days?: string; shown?: string | undefined }) => {
    const next = { at, days, shown, ...values };
    const iso = next.at === undefined ? undefined : new Date(next.at).toISOString();
    route(
      addressOf(
        '/recovery',
        {},
        { at: iso, days: next.days === '30' ? undefined : next.days, show: next.shown },
      ),
      true,
    );
  };
  const [done, setDone] = useState<Recovery>();
  const preview = useResource(
    async (signal) =>
      at === undefined
        ? null
        : (await api.post('/recovery', { body: { at: new Date(at).toISOString(), dry_run: true }, signal }))
            .data,
    [at],
  );
  const recover = useAction(async () => {
    const body = { at: new Date(at!).toISOString(), dry_run: false };
    setDone((await api.post('/recovery', { body })).data);
    preview.reload();
  });
  const undo = useAction(async () => {
    await api.post('/recovery', { body: undoOf(done!) });
    setDone(undefined);
    preview.reload();
  });
  return (
    <>
      <PageHead
        title="Account recovery"
        lead="Brings all your graphs back to how they were at a moment. What they are now stays in their history."
      />
      <div class="stack">
        {done && <Done of={done} undo={() => void undo.run()} busy={undo.busy} />}
        <ErrorNote error={undo.error ?? recover.error} />
        <Moment
          at={at}
          days={days}
          onMoment={(time) => show({ at: time })}
          onDays={(next) => show({ days: next })}
        />
        {at === undefined ? (
          <Empty title="Choose a moment">
            <p>Then you see what would happen to each graph. Nothing changes before you click Recover.</p>
          </Empty>
        ) : (
          <Loaded of={preview}>
            {(data) =>
              data && (
                <Preview
                  of={data}
                  stale={preview.loading}
                  busy={recover.busy}
                  onRecover={() => void recover.run()}
                  shown={shown}
                  onShown={(action) => show({ shown: action })}
                />
              )
            }
          </Loaded>
        )}
      </div>
    </>
  );
}

function Done({ of, undo, busy }: { of: Recovery; undo: () => void; busy: boolean }) {
  return (
    <div class="note ok" role="status">
      <p class="grow">
        Your account is as it was at <Time at={of.at} as="full" />: {wordsOf(of)}.
      </p>
      {changedIn(of).length > 0 && (
        <button type="button" class="button small" disabled={busy} onClick={undo}>
          {busy ? 'Undoing…' : 'Undo'}
        </button>
      )}
    </div>
  );
}
