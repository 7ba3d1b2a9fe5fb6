import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './icon';

interface Props {
  title: string;
  /** Missing: the dialog cannot be closed without an answer. */
  onClose?: (() => void) | undefined;
  large?: boolean;
  children: ComponentChildren;
}

/** A modal dialog. The browser keeps the focus inside; afterwards it is where it was. */
export function Dialog({ title, onClose, large = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (!element || element.open) return;
    const before = document.activeElement;
    element.showModal();
    return () => {
      element.close();
      // The browser does not return the focus when the element is removed at the same time.
      setTimeout(() => returnFocus(before));
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={large ? 'dialog large' : 'dialog'}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
    >
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        {onClose && (
          <button type="button" class="button quiet icon" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        )}
      </div>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}

/** To what had the focus before, or to the content if that is gone. Not if something else has taken it. */
function returnFocus(before: Element | null): void {
  if (document.activeElement !== document.body) return;
  const target = before?.isConnected ? before : document.getElementById('main');
  if (target instanceof HTMLElement) target.focus({ preventScroll: true });
}
