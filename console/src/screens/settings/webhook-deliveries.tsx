import { api } from '../../api/client';
import { DataTable, type Column } from '../../parts/data-table';
import { Dialog } from '../../parts/dialog';
import { Empty } from '../../parts/empty';
import { ErrorNote } from '../../parts/error-note';
import { Loaded } from '../../parts/loaded';
import { Time } from '../../parts/time';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';
import { deliveryBadge, outcomeOf, type Delivery, type Webhook } from './webhook-words';

/** Deliveries that are shown. */
const SHOWN = 100;

/** What a webhook has sent, and what waits. */
export function WebhookDeliveries({ of, onClose }: { of: Webhook; onClose: () => void }) {
  const path = { id: of.id };
  const deliveries = useResource(
    async (signal) =>
      (await api.get('/webhooks/{id}/deliveries', { path, query: { limit: SHOWN }, signal })).data,
    [of.id],
  );
  const retry = useAction(async (n: number) => {
    await api.post('/webhooks/{id}/deliveries/{n}/retry', { path: { ...path, n: String(n) } });
    say('The message is sent again.');
    deliveries.reload();
  });
  return (
    <Dialog title={`Deliveries of “${of.name}”`} large onClose={onClose}>
      <div class="stack">
        <ErrorNote error={retry.error} />
        <div class="row">
          <p class="muted grow">The newest {SHOWN}.</p>
          <button type="button" class="button small" onClick={deliveries.reload}>
            Reload
          </button>
        </div>
        <Loaded of={deliveries}>
          {(list) =>
            list.length === 0 ? (
              <Empty title="Nothing sent yet">
                <p>Messages appear here as soon as something happens.</p>
              </Empty>
            ) : (
              <DeliveryTable of={list} isEnabled={of.enabled} onRetry={(n) => void retry.run(n)} />
            )
          }
        </Loaded>
      </div>
    </Dialog>
  );
}

interface TableProps {
  of: readonly Delivery[];
  isEnabled: boolean;
  onRetry: (n: number) => void;
}

function DeliveryTable({ of, isEnabled, onRetry }: TableProps) {
  const columns: Array<Column<Delivery>> = [
    { label: 'Event', cell: ({ type }) => type },
    { label: 'When', cell: ({ created_at: at }) => <Time at={at} /> },
    { label: 'State', cell: deliveryBadge },
    { label: 'Outcome', cell: outcomeOf },
    { label: 'Attempts', kind: 'number', cell: ({ attempts }) => attempts },
    {
      label: 'Action',
      kind: 'action',
      cell: ({ n, event_seq: seq }) =>
        seq !== null &&
        isEnabled && (
          <button
            type="button"
            class="button small"
            aria-label={`Send again: number ${n}`}
            onClick={() => onRetry(n)}
          >
            Send again
          </button>
        ),
    },
  ];
  return <DataTable label="Deliveries" columns={columns} rows={of} keyOf={({ n }) => n} />;
}
