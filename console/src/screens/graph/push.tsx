import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { Choice } from '../../parts/choice';
import { Dialog } from '../../parts/dialog';
import { ErrorNote } from '../../parts/error-note';
import { Icon } from '../../parts/icon';
import { Loaded } from '../../parts/loaded';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';

type Plan = components['schemas']['PushPlanView'];
type Warning = components['schemas']['PushWarningView'];
type Publish = 'as-is' | 'publish' | 'draft';

interface Props {
  graph: string;
  version: number;
  /** The tool was written; the graph may have new versions. */
  onPushed: () => void;
}

/** Brings a version back to the tool that the graph comes from. */
export function Push(props: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button small" onClick={() => setOpen(true)}>
        <Icon name="upload" size={15} /> Push to the tool
      </button>
      {open && <PushDialog {...props} onClose={() => setOpen(false)} />}
    </>
  );
}

const PUBLISH = [
  ['as-is', 'as n8n does it by itself'],
  ['publish', 'runs at once'],
  ['draft', 'stays a draft'],
] as const;

function PushDialog({ graph, version, onPushed, onClose }: Props & { onClose: () => void }) {
  const [publish, setPublish] = useState<Publish>('as-is');
  const [warnings, setWarnings] = useState<readonly Warning[]>();
  const path = { id: graph };
  const plan = useResource(
    async (signal) => (await api.get('/graphs/{id}/push', { path, query: { version }, signal })).data,
    [graph, version],
  );
  const push = useAction(async (overwrite: boolean) => {
    const body = {
      version,
      if_drifted: overwrite ? ('overwrite' as const) : ('refuse' as const),
      ...(publish !== 'as-is' && { publish: publish === 'publish' }),
    };
    const { data } = await api.post('/graphs/{id}/push', { path, body });
    sayPushed(graph, data, onPushed);
    if (data.warnings.length > 0) return setWarnings(data.warnings);
    finish();
  });
  const finish = () => {
    onClose();
    onPushed();
  };
  const isDrifted = push.error?.code === 'drifted';
  // Also after a refusal: the state of the tool is stored here then.
  const close = warnings || isDrifted ? finish : onClose;
  return (
    <Dialog title={`Push version ${version} to the tool?`} onClose={close}>
      <div class="stack">
        {warnings ? (
          <>
            <p role="status">Version {version} was pushed. Look at this:</p>
            <Warnings of={warnings} />
          </>
        ) : (
          <>
            <Loaded of={plan}>{(data) => <PlanView of={data} isRefused={isDrifted} />}</Loaded>
            {plan.data?.source.kind === 'n8n' && (
              <Choice label="Then the workflow" value={publish} onValue={setPublish} options={PUBLISH} />
            )}
            {isDrifted ? (
              <p class="note warning" role="alert">
                The graph was changed at the tool since it was read last, so nothing was written there. What
                it has now is stored here as the newest version. You can look at that first, or overwrite it.
              </p>
            ) : (
              <ErrorNote error={push.error} />
            )}
          </>
        )}
      </div>
      <div class="dialog-foot">
        <button type="button" class="button" onClick={close}>
          {warnings ? 'Done' : isDrifted ? 'Look at it first' : 'Cancel'}
        </button>
        {!warnings && (
          <button
            type="button"
            class={isDrifted ? 'button danger' : 'button primary'}
            disabled={push.busy || plan.data === undefined}
            onClick={() => void push.run(isDrifted)}
          >
            {push.busy ? 'Pushing…' : isDrifted ? 'Overwrite at the tool' : 'Push'}
          </button>
        )}
      </div>
    </Dialog>
  );
}

type Pushed = components['schemas']['PushView'];

/** Says that a version is at the tool, and offers to push back what the tool had before. */
function sayPushed(graph: string, { version, previous_version, source }: Pushed, onPushed: () => void): void {
  const text = `Version ${version} is at “${source.name}” again.`;
  if (previous_version === null || previous_version === version) return say(text);
  say(text, () => {
    const body = { version: previous_version, if_drifted: 'refuse' as const };
    api.post('/graphs/{id}/push', { path: { id: graph }, body }).then(
      () => {
        onPushed();
        say(`Undone: “${source.name}” has version ${previous_version} again.`);
      },
      (error: unknown) => say(`Not undone. ${(error as Error).message}`),
    );
  });
}

function PlanView({ of, isRefused }: { of: Plan; isRefused: boolean }) {
  return (
    <>
      <p>
        {of.action === 'create'
          ? `The graph is gone at “${of.source.name}”. It is created there again.`
          : `The graph at “${of.source.name}” becomes as it was in version ${of.version}.`}{' '}
        What the tool has now is stored here first, so you can push that back.
      </p>
      {of.drifted && !isRefused && (
        <p class="note warning">The graph was changed at the tool since it was read last.</p>
      )}
      {of.warnings.length > 0 && <Warnings of={of.warnings} />}
    </>
  );
}

function Warnings({ of }: { of: readonly Warning[] }) {
  return (
    <ul class="stack-small" aria-label="Warnings">
      {of.map(({ code, message }) => (
        <li key={code} class="note warning">
          {message}
        </li>
      ))}
    </ul>
  );
}
