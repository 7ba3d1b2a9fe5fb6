import { api } from '../../api/client';
import { ErrorNote } from '../../parts/error-note';
import { Loaded } from '../../parts/loaded';
import { Time } from '../../parts/time';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';

/** The switch for a weekly summary by mail; nothing where no mail is sent. */
export function WeeklySummary() {
  const setting = useResource(
    async (signal) => (await api.get('/notifications/weekly-summary', { signal })).data,
    [],
  );
  const change = useAction(async (enabled: boolean) => {
    await api.put('/notifications/weekly-summary', { body: { enabled } });
    setting.reload();
  });
  if (setting.data && !setting.data.available) return null;
  return (
    <section class="card stack">
      <div>
        <h2>Weekly summary</h2>
        <p class="muted">
          A mail on Monday: how many versions there are, whether all are stored and verified, and what changed
          most.
        </p>
      </div>
      <ErrorNote error={change.error} />
      <Loaded of={setting}>
        {({ enabled, next_at }) => (
          <>
            <label class="check">
              <input
                type="checkbox"
                checked={enabled}
                disabled={change.busy}
                onChange={(event) => void change.run(event.currentTarget.checked)}
              />
              Send me a weekly summary
            </label>
            {next_at !== null && (
              <p class="muted small">
                The next one comes <Time at={next_at} as="full" />.
              </p>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}
