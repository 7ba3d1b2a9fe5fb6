import type { ComponentChildren } from 'preact';
import { Dialog } from './dialog';
import { ErrorNote } from './error-note';
import type { Action } from './use-action';

interface Props {
  title: string;
  /** What the button says, and therefore does. */
  verb: string;
  action: Action<[]>;
  onClose: () => void;
  danger?: boolean;
  children: ComponentChildren;
}

/** Asks before something that has no undo. Closes when it is done. */
export function Confirm({ title, verb, action, onClose, danger = false, children }: Props) {
  const confirm = async () => {
    if (await action.run()) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="stack">
        {children}
        <ErrorNote error={action.error} />
      </div>
      <div class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class={danger ? 'button danger' : 'button primary'}
          disabled={action.busy}
          onClick={() => void confirm()}
        >
          {verb}
        </button>
      </div>
    </Dialog>
  );
}
